/** The version of the format that is written. 1, of thalweg 0.1, had neurons alone. */
export const MODEL_VERSION = 2;
