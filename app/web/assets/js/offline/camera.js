/** The camera of the device, looked at several times a second until it sees a QR code or is stopped. */

import { readFrame } from './picture.js'

const PAUSE = 200
const WANTED = { audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } } }
/** Names of what browsers reject with, and the sentence for each. */
const REFUSALS = { NotAllowedError: 'camera_refused', SecurityError: 'camera_refused', NotFoundError: 'camera_none', OverconstrainedError: 'camera_none' }

/** Whether this page may ask for a camera: not over plain http. */
export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia)

export class Camera {
  constructor(video) {
    this.video = video
    this.stream = null
  }

  get isOn() {
    return this.stream !== null
  }

  /** Show what the camera sees; rejects with an error whose `code` names the sentence. */
  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(WANTED)
      this.video.srcObject = this.stream
      await this.video.play()
    } catch (error) {
      this.stop()
      throw Object.assign(error, { code: REFUSALS[error.name] ?? 'camera_fails' })
    }
  }

  /** The text of the first code that it sees, null once it was stopped. */
  async look(read) {
    while (this.isOn) {
      const text = await readFrame(this.video, read)
      if (text !== null && this.isOn) return text
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
    return null
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
    this.video.srcObject = null
  }
}
