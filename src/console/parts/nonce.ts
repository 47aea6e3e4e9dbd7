/** The nonce that this answer of the server allows styles with; browsers hide it from the attribute. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
