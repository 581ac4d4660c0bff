// The page's language as Intl takes it: the day before the month in English, Western digits in Arabic,
// as the rest of the portal writes them.

const said = document.documentElement.lang || "en";
export const language = { en: "en-GB", ar: "ar-u-nu-latn" }[said] ?? said;
