/** Before handing in: a table of the questions that are open, partly answered or marked, each with a way to it. */

export class Review {
  constructor(dialog, sheet, { onHandIn }) {
    Object.assign(this, { dialog, sheet })
    this.rows = dialog.querySelector('tbody')
    dialog.querySelector('[data-hand-in]').addEventListener('click', () => {
      dialog.close()
      onHandIn()
    })
    dialog.querySelector('[data-back]').addEventListener('click', () => dialog.close())
    this.rows.addEventListener('click', (event) => this.#goto(event.target.closest('[data-goto]')))
  }

  open(waiting) {
    const unfinished = this.sheet.unfinished()
    this.rows.replaceChildren(...unfinished.map((position) => this.#row(position)))
    this.dialog.querySelector('[data-table]').hidden = unfinished.length === 0
    this.dialog.querySelector('[data-complete]').hidden = unfinished.length > 0
    const note = this.dialog.querySelector('[data-waiting]')
    note.hidden = waiting === 0
    note.textContent = note.dataset.words.replace('{n}', waiting)
    this.dialog.showModal()
  }

  #row(position) {
    const row = document.createElement('tr')
    const [head, state] = [document.createElement('th'), document.createElement('td')]
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', className: 'button button-quiet', textContent: this.dialog.dataset.question.replace('{n}', position) })
    button.dataset.goto = position
    head.scope = 'row'
    head.append(button)
    state.textContent = this.sheet.wordsOf(position)
    row.append(head, state)
    return row
  }

  #goto(button) {
    if (!button) return
    this.dialog.close()
    this.sheet.open(Number(button.dataset.goto))
  }
}
