import type { DeclaredEndpoint } from "../openapi/declared.ts";
import { openApiDocument } from "../openapi/document.ts";
import { type ApiDescription, describeApi } from "../openapi/operations.ts";
import { type ApiPage, apiPage } from "./api-page.ts";

export interface ApiReferenceInit {
  readonly endpoints: readonly DeclaredEndpoint[];
  readonly version: string;
  /** Where callers reach the gateway; known once it listens. */
  readonly publicUrl: () => string;
}

/** What the gateway tells about its own API: made at the first question, then kept. */
export class ApiReference {
  readonly #init: ApiReferenceInit;
  #api: ApiDescription | undefined;
  #openApi: string | undefined;
  #page: ApiPage | undefined;

  constructor(init: ApiReferenceInit) {
    this.#init = init;
  }

  get publicUrl(): string {
    return this.#init.publicUrl();
  }

  /** The OpenAPI document as JSON text. */
  get openApi(): string {
    const { version } = this.#init;
    this.#openApi ??= JSON.stringify(
      openApiDocument(this.#description(), { version, serverUrl: this.publicUrl }),
    );
    return this.#openApi;
  }

  /** The readable reference. */
  get page(): ApiPage {
    this.#page ??= apiPage(this.#description(), this.publicUrl, this.#init.version);
    return this.#page;
  }

  #description(): ApiDescription {
    return (this.#api ??= describeApi(this.#init.endpoints));
  }
}
