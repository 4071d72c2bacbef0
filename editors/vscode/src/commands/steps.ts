import * as vscode from "vscode";
import type { Choice } from "./choices";

/** What a step gave: a value, the wish to go back, or undefined where the user left. */
export type Answer<T> = { readonly value: T } | "back" | undefined;

export interface Step {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** A quick pick as a step of several; from the second one there is a way back. */
export async function pick<T>(step: Step, placeholder: string, choices: readonly Choice<T>[]): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { choice: Choice<T> }>();
  input.items = choices.map((choice) => ({
    label: choice.label,
    description: choice.description,
    ...(choice.detail ? { detail: choice.detail } : {}),
    choice,
  }));
  input.placeholder = placeholder;
  input.matchOnDescription = true;
  return await asked(input, step, () => {
    const chosen = input.selectedItems[0];
    return chosen ? { value: chosen.choice.value } : undefined;
  });
}

/** An input as a step of several; it is only accepted without a fault. */
export async function type(step: Step, prompt: string, value: string, fault: (text: string) => string | undefined): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  const follow = input.onDidChangeValue((text) => (input.validationMessage = text === "" ? undefined : fault(text)));
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
  given.step = step.step;
  given.totalSteps = step.totalSteps;
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

/**
 * Asks one step after the other; back asks the one before again.
 *
 * @returns whether every step was answered
 */
export async function inSteps(steps: readonly (() => Promise<"next" | "back" | "leave">)[]): Promise<boolean> {
  let index = 0;
  while (index < steps.length) {
    const went = await steps[index]?.();
    if (went === "next") index += 1;
    else if (went === "back" && index > 0) index -= 1;
    else return false;
  }
  return true;
}

/** Keeps the value of an answer, and says where to go. */
export function keep<T>(answer: Answer<T>, take: (value: T) => void): "next" | "back" | "leave" {
  if (answer === undefined) return "leave";
  if (answer === "back") return "back";
  take(answer.value);
  return "next";
}
