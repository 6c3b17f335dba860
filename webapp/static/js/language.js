// Numbers as Panama writes them: a decimal point, unlike the Spanish of most other countries.

export const LOCALE = document.documentElement.lang === "es" ? "es-PA" : "en";
