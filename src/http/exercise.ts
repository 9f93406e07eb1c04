/**
 * What an answer in an exercise (演练) carries whoever gives it: also what Node itself says before any route is known.
 */
import { type IncomingMessage, type ServerOptions, ServerResponse } from 'node:http'

/** On every answer of a service with a scenario clock: what it says is an exercise. A header is ASCII. */
export const exerciseHeader = 'x-quotawatch-exercise'

/** Says that it is an exercise, and has no `date` but one that it is given: the machine's is not the scenario's. */
class ExerciseResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  constructor(request: Request) {
    super(request)
    this.sendDate = false
    this.setHeader(exerciseHeader, 'true')
  }
}

/** To be given to a server of node:http. */
export const serverOptionsOf = (exercise: boolean): ServerOptions =>
  exercise ? { ServerResponse: ExerciseResponse as typeof ServerResponse } : {}
