/** The keys under which tools store the prompt of a graph: ComfyDeploy's plugin and deployments, other servers. */
export const PROMPT_NAMES = ['output', 'prompt', 'workflow_api', 'workflow'] as const;
