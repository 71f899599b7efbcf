export function ownNames(): Promise<string[]>;
