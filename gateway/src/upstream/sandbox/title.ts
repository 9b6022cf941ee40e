const WORDS_MAX = 6;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’.-]*/gu;
const GREETING = /^\s*(?:hey|hi|hello|dear|good (?:morning|afternoon|evening))\b[^,.!?\n]{0,20}[,.!]\s*/i;
const RECIPE = /\brecipes?\s+(?:for|of)\s+(?:an?\s+|the\s+|some\s+)?([^.,;:!?\n]+)/i;
const HOW_TO = /\bhow\s+(?:do|can|should|would|to)\s+(?:(?:i|we|you|one)\s+)?([^.,;:!?\n]+)/i;

// Words that carry no subject; a title made of the others still says what the talk is about.
const FILLERS: ReadonlySet<string> = new Set(
  (
    "a about all also am an and any are as at be been being but by can could did do does for from get give good " +
    "had has have he her hi him his how i i'd i'm i've if in into is it it's its just know let like me more my no " +
    "not of on one or our out please really she should so some tell than thank thanks that that's the their them " +
    "then there these they this those to too up us very want was we were what what's when where which who why will " +
    "with would you your"
  ).split(" "),
);

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function titled(words: readonly string[]): string {
  return words.slice(0, WORDS_MAX).map(capitalised).join(" ");
}

function wordsOf(text: string): readonly string[] {
  return (text.match(WORD) ?? []).map((word) => word.replaceAll("’", "'").replace(/[.'-]+$/, ""));
}

/** A title of at most six words for what the user said; the same words always get the same title. */
export function titleFor(userText: string): string {
  const text = userText.replace(GREETING, "");
  const recipe = RECIPE.exec(text)?.[1];
  if (recipe !== undefined) return titled(["Classic", ...wordsOf(recipe).slice(0, 3), "Recipe", "Request"]);
  const task = HOW_TO.exec(text)?.[1];
  if (task !== undefined) return titled(["How", "to", ...wordsOf(task)]);
  const words = wordsOf(text);
  const telling = words.filter((word) => !FILLERS.has(word.toLowerCase()));
  return titled(telling.length > 0 ? telling : words) || "New Conversation";
}
