/** Blocks that this version knows: in our own terms, or as what is kept whole for the models that wrote it. */
const BLOCKS: ReadonlySet<unknown> = new Set([
  "text",
  "thinking",
  "redacted_thinking",
  "tool_use",
  "server_tool_use",
  "mcp_tool_use",
  "container_upload",
  "compaction",
  "fallback",
]);
/** What came of tools that the provider runs: `web_search_tool_result`, `mcp_tool_result` and so on. */
const TOOL_RESULT = /_tool_result$/;

/** Whether a block of this type is one that this version knows. */
export function isKnownBlock(type: string): boolean {
  return BLOCKS.has(type) || TOOL_RESULT.test(type);
}
