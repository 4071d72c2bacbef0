import * as vscode from "vscode";
import type { Choice } from "./choices";
import type { Answer } from "./sequence";

export interface Step {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

type Item<T> = vscode.QuickPickItem & { readonly choice?: Choice<T> };

/**
 * A quick pick as a step of several; from the second one there is a way back.
 *
 * What cannot be chosen is beneath a line of its own; tried all the same, it says why and the pick stays open.
 */
export async function pick<T>(step: Step, placeholder: string, choices: readonly Choice<T>[]): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<Item<T>>();
  const barred = choices.filter((choice) => choice.fault !== undefined);
  const line = { label: "cannot be chosen", kind: vscode.QuickPickItemKind.Separator };
  input.items = [
    ...choices.filter((choice) => choice.fault === undefined).map(itemOf),
    ...(barred.length > 0 ? [line, ...barred.map(itemOf)] : []),
  ];
  input.placeholder = placeholder;
  input.matchOnDescription = true;
  return await asked(input, step, () => {
    const choice = input.selectedItems[0]?.choice;
    if (choice === undefined) return undefined;
    if (choice.fault === undefined) return { value: choice.value };
    input.value = "";
    input.placeholder = choice.fault;
    return undefined;
  });
}

function itemOf<T>(choice: Choice<T>): Item<T> {
  const icon = choice.fault === undefined ? "" : "$(circle-slash) ";
  return { label: icon + choice.label, description: choice.description, ...(choice.detail ? { detail: choice.detail } : {}), choice };
}

/** An input as a step of several; it is only accepted without a fault. */
export async function type(step: Step, prompt: string, value: string, fault: (text: string) => string | undefined): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = prompt;
  // The sentence on a fault takes the prompt's place.
  input.placeholder = prompt;
  input.value = value;
  const follow = input.onDidChangeValue((text) => (input.validationMessage = text.trim() === "" ? undefined : fault(text.trim())));
  try {
    return await asked(input, step, () => {
      const message = fault(input.value.trim());
      input.validationMessage = message;
      return message === undefined ? { value: input.value.trim() } : undefined;
    });
  } finally {
    follow.dispose();
  }
}

async function asked<T>(given: AcceptedInput, step: Step, accept: () => { value: T } | undefined): Promise<Answer<T>> {
  given.title = step.title;
  // "(1/1)" says nothing.
  given.step = step.totalSteps > 1 ? step.step : undefined;
  given.totalSteps = step.totalSteps > 1 ? step.totalSteps : undefined;
  given.ignoreFocusOut = true;
  given.buttons = step.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  const subscriptions: vscode.Disposable[] = [];
  try {
    return await new Promise<Answer<T>>((resolve) => {
      subscriptions.push(
        given.onDidAccept(() => {
          const value = accept();
          if (value) resolve(value);
        }),
        given.onDidTriggerButton(() => resolve("back")),
        given.onDidHide(() => resolve(undefined)),
      );
      given.show();
    });
  } finally {
    for (const each of subscriptions) each.dispose();
    given.dispose();
  }
}

/** What quick picks and input boxes have in common. */
interface AcceptedInput extends vscode.QuickInput {
  buttons: readonly vscode.QuickInputButton[];
  readonly onDidAccept: vscode.Event<void>;
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
}
