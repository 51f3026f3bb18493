import { StartupCheckStrategy } from 'testcontainers';
import type { StartupStatus } from 'testcontainers';

/** Waits for nothing: the container was started, whatever becomes of it. */
export class Started extends StartupCheckStrategy {
  override async checkStartupState(): Promise<StartupStatus> {
    return 'SUCCESS';
  }
}
