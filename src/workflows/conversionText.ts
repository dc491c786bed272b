import * as l10n from '@vscode/l10n';
import { serverText } from '../comfyui/serverText';
import { listText, moreText } from '../platform/language';
import type { Converted, Unsendable } from './converted';
import type { NotConvertedReason } from './notConverted';

/** Types that are named; the others are counted. */
const MOST_NAMED = 5;

/** Why a drawn workflow cannot be converted, and what to do. @param name of the file. */
export function notConvertedText(name: string, converted: Exclude<Converted, { readonly kind: 'converted' }>): string {
  switch (converted.kind) {
    case 'unsendable':
      return unsendableText(name, converted.nodes);
    case 'broken':
      return l10n.t("{0} can't be converted. {1}", name, brokenText(converted.reason));
    case 'noNodes':
      return l10n.t("{0} can't be converted: the session's ComfyUI sent a list of nodes that can't be read.", name);
  }
}

function unsendableText(name: string, nodes: readonly Unsendable[]): string {
  const unknown = typesOf(nodes, 'unknown');
  if (unknown.length > 0) {
    return unknown.length === 1
      ? l10n.t(
          "{0} can't be converted: the session's ComfyUI doesn't have the node {1}. Install its package on the machine, or bypass the node.",
          name,
          namesText(unknown),
        )
      : l10n.t(
          "{0} can't be converted: the session's ComfyUI doesn't have these nodes: {1}. Install their packages on the machine, or bypass the nodes.",
          name,
          namesText(unknown),
        );
  }
  const live = namesText(typesOf(nodes, 'live'));
  return l10n.t(
    "{0} can't be converted: {1} takes its value from ComfyUI's page. Open the workflow in the session and queue it there.",
    name,
    live,
  );
}

function typesOf(nodes: readonly Unsendable[], why: Unsendable['why']): readonly string[] {
  return [...new Set(nodes.filter((node) => node.why === why).map(({ type }) => serverText(type)))];
}

function namesText(types: readonly string[]): string {
  const more = types.length - MOST_NAMED;
  const named = types.slice(0, MOST_NAMED);
  return listText(more > 0 ? [...named, more === 1 ? l10n.t('1 more') : moreText(more)] : named);
}

/** What is wrong with the graph. */
export function brokenText(reason: NotConvertedReason): string {
  switch (reason.kind) {
    case 'noGraph':
      return l10n.t('It contains no graph.');
    case 'noLink':
      return l10n.t('Node {0}: the input {1} is linked to nothing.', serverText(reason.node), serverText(reason.input));
    case 'noOrigin':
      return l10n.t(
        "Node {0}: the input {1} is linked to node {2}, which isn't in the file.",
        ...[reason.node, reason.input, reason.origin].map(serverText),
      );
    case 'circle':
      return l10n.t('Node {0}: its links go round in a circle.', serverText(reason.node));
    case 'subgraphInItself':
      return l10n.t('Node {0}: its subgraph contains itself.', serverText(reason.node));
    case 'groupInSubgraph':
      return l10n.t("Node {0}: ComfyUI doesn't run group nodes inside subgraphs.", serverText(reason.node));
    case 'tooDeep':
      return l10n.t('Node {0}: its subgraphs are nested too deep.', serverText(reason.node));
    case 'tooLarge':
      return l10n.t('With all its subgraphs it has too many nodes.');
    case 'noIdsLeft':
      return l10n.t('The ids of its nodes are too high.');
  }
}
