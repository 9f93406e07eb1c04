/**
 * Takes an alert in hand from the screen, with a name and what is done about it. What the service says against it is shown;
 * that it was taken is seen when the alert is read again.
 */
import { useSignal } from '@preact/signals'
import { texts } from '../model/texts.js'
import { acknowledge } from './service.js'
import { operator, say } from './state.js'

type Sending =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'failed'; readonly why: string }

export function Acknowledge({ subject, rule }: { readonly subject: string; readonly rule: string }) {
  const sending = useSignal<Sending>({ kind: 'closed' })
  const reason = useSignal('')
  const send = async (event: Event): Promise<void> => {
    // The page's policy lets no form go anywhere by itself.
    event.preventDefault()
    sending.value = { kind: 'sending' }
    const order = { subject, rule, by: operator.peek().trim(), reason: reason.peek().trim() }
    const why = await acknowledge(order).catch((error: Error) => error.message)
    // When it was taken the alert is read again and this is gone; until then nobody sends it twice.
    if (why !== undefined) sending.value = { kind: 'failed', why }
  }
  const { kind } = sending.value
  if (kind === 'closed')
    return (
      <button type="button" class="acknowledge" onClick={() => (sending.value = { kind: 'open' })}>
        {say(texts.acknowledge)}
      </button>
    )
  return (
    <form class="acknowledge-form" onSubmit={send}>
      <label>
        {say(texts.yourName)}
        <input
          name="by"
          required
          maxLength={100}
          autocomplete="off"
          value={operator.value}
          onInput={(event) => (operator.value = event.currentTarget.value)}
        />
      </label>
      <label>
        {say(texts.yourReason)}
        <input
          name="reason"
          required
          maxLength={500}
          autocomplete="off"
          value={reason.value}
          onInput={(event) => (reason.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={kind === 'sending'}>
        {say(kind === 'sending' ? texts.sending : texts.send)}
      </button>
      {sending.value.kind === 'failed' ? (
        <p role="alert" class="problem">
          {say(texts.notSent)}: {sending.value.why}
        </p>
      ) : null}
    </form>
  )
}
