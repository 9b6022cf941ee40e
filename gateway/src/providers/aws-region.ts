const OF_HOST =
  /(?:^|\.)bedrock(?:-runtime|-mantle)?(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

/** The region that a host of Amazon's names; undefined for others, which need to be told. */
export function regionOfHost(hostname: string): string | undefined {
  return OF_HOST.exec(hostname)?.[1];
}
