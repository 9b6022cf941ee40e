import { ACCOUNTS_MAX, type StoredPassword } from "../../store/sign-in/reader.ts";
import type { Passwords } from "./passwords.ts";

/**
 * The account that a password opens, of those with one address in several tenants: one that may act before one that may
 * not. Whatever there is, as many verifications are made as there could be accounts, so that the time of the answer does
 * not tell how many there are.
 */
export async function accountOf(
  accounts: readonly StoredPassword[],
  password: string,
  passwords: Pick<Passwords, "verify">,
): Promise<StoredPassword | undefined> {
  let opened: StoredPassword | undefined;
  for (let n = 0; n < ACCOUNTS_MAX; n++) {
    const account = accounts[n];
    const right = await passwords.verify(password, account?.hash);
    if (right) opened ??= account;
  }
  return opened;
}
