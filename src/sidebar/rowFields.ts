/** Of what wants to be seen: in every theme it stands out from what is behind it. Declared in the manifest. */
export const WARNING_COLOR = 'comfydeploy.warningForeground';

/** A codicon and a theme colour, or a picture in their place. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
  /** A `data:` address. */
  readonly picture?: string;
}

export interface RowFields {
  /** Stable across refreshes: selection and expansion hang on it. */
  readonly id: string;
  readonly parent: string | undefined;
  readonly label: string;
  readonly description: string;
  readonly icon: Icon;
  /** Words for `when` clauses: the kind, then `+what` can be done with it. */
  readonly contextValue: string;
  /** For screen readers, who see no icon. */
  readonly ariaLabel: string;
  readonly isDimmed: boolean;
  readonly hasChildren: boolean;
}
