/** For things that need attention: readable in every theme. Declared in the manifest. */
export const WARNING_COLOR = 'comfydeploy.warningForeground';

/** A codicon with a theme colour, or a picture instead. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
  /** A `data:` address. */
  readonly picture?: string;
}

/** The row of an account that is not in use. */
export type AccountRow = RowFields & { readonly kind: 'account'; readonly account: string };

export interface RowFields {
  /** Stable across refreshes: VS Code keeps selection and expansion by it. */
  readonly id: string;
  readonly parent: string | undefined;
  readonly label: string;
  readonly description: string;
  readonly icon: Icon;
  /** Words for `when` clauses: the kind, then each ability with a `+`. */
  readonly contextValue: string;
  /** For screen readers, which do not announce the icon. */
  readonly ariaLabel: string;
  readonly isDimmed: boolean;
  readonly hasChildren: boolean;
}
