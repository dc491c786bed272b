/** Where tools put the prompt that a graph comes to: ComfyDeploy's plugin, its deployments, servers of others. */
export const PROMPT_NAMES = ['output', 'prompt', 'workflow_api', 'workflow'] as const;
