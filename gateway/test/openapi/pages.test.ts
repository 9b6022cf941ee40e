import { expect, test } from "bun:test";
import { ERRORS } from "../../src/errors.ts";
import { describeApi as describeEndpoints } from "../../src/http/openapi/operations.ts";
import { describeApi } from "../api/started.ts";
import { DECLARED } from "../harness/declared.ts";
import { pick } from "../harness/json.ts";

const PAGES = ["/docs", "/docs/errors", ...Object.keys(ERRORS).map((code) => `/docs/errors/${code}`)];

describeApi("the documentation of a running gateway", (api) => {
  const read = (path: string) => api.gateway.api("GET", path, { key: undefined });

  test("is open to strangers and names the address it is reached at", async () => {
    const document = await read("/openapi.json");
    expect(document.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(pick(document.body, "servers.0.url")).toBe(api.gateway.url);
    expect((await read("/docs")).text).toContain(api.gateway.url);
  });

  test.each(PAGES)("has a page %s that loads nothing but its stylesheet and runs nothing", async (path) => {
    const { status, headers, text } = await read(path);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(text).not.toMatch(/<script|<style|<img|<iframe|\sstyle=|\son\w+=|src=|javascript:/i);
    expect([...text.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      "/docs/docs.css",
    ]);
  });

  test("has links that lead somewhere, on every page", async () => {
    const texts = new Map<string, string>();
    for (const path of [...PAGES, "/docs/docs.css", "/openapi.json"])
      texts.set(path, (await read(path)).text);
    for (const [path, text] of texts) {
      for (const [, href = ""] of text.matchAll(/<a [^>]*href="([^"]*)"/g)) {
        const [page = "", anchor] = href.split("#");
        const target = texts.get(page === "" ? path : page);
        expect({ href, found: target !== undefined }).toEqual({ href, found: true });
        if (anchor !== undefined) expect(target).toContain(` id="${anchor}"`);
      }
    }
  });

  test("shows every operation, its errors and a call", async () => {
    const { text } = await read("/docs");
    for (const { id, errors } of describeEndpoints(DECLARED).operations) {
      const article = text.slice(text.indexOf(`<article id="${id}">`)).split("</article>", 1)[0] ?? "";
      expect(article).toStartWith(`<article id="${id}">`);
      expect(article).toContain("curl ");
      for (const code of errors) expect(article).toContain(`/docs/errors/${code}"`);
    }
  });

  test("gives every table a caption and headings, every region a name of its own, and every page one main heading", async () => {
    for (const path of PAGES) {
      const { text } = await read(path);
      expect(text.match(/<h1>/g)).toHaveLength(1);
      expect(text).toContain('<html lang="en">');
      expect(text.match(/<table>/g)?.length ?? 0).toBe(text.match(/<caption>[^<]/g)?.length ?? 0);
      expect(text).not.toContain("<th>");
      const regions = [...text.matchAll(/role="region" aria-label="([^"]*)"/g)].map(([, label]) => label);
      expect(new Set(regions).size).toBe(regions.length);
    }
  });

  test("has a stylesheet for light and dark", async () => {
    const { headers, text } = await read("/docs/docs.css");
    expect(headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(text).toContain("color-scheme: light dark");
  });

  test.each(DECLARED.filter(({ kind, response }) => kind === "system" && response !== undefined))(
    "tells the truth about $path",
    async ({ path, response }) => {
      const { status, body } = await read(path);
      expect(status).toBe(200);
      expect(response?.safeParse(body).error).toBeUndefined();
    },
  );

  test("says NOT_FOUND of a code that does not exist", async () => {
    const reply = await read("/docs/errors/NO_SUCH_CODE");
    expect([reply.status, pick(reply.body, "error.code")]).toEqual([404, "NOT_FOUND"]);
  });
});
