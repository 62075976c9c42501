/** What is in an app: what the engine shows of it. Ids left out are made from titles. */
export interface AppContentSeed {
  /**
   * Load script. A reload takes 100 ms for each statement. A line `//! takes 5s` takes longer, a line `//! fails <message>` makes the
   * reload fail there.
   *
   * @defaultValue one statement
   */
  readonly script?: string
  /** What can be read of the data, unless the app is opened without. @defaultValue none */
  readonly tables?: readonly TableSeed[]
  readonly sheets?: readonly SheetSeed[]
  readonly stories?: readonly ObjectSeed[]
  /** Visualisations kept for use in several sheets. */
  readonly masterObjects?: readonly ObjectSeed[]
  readonly dimensions?: readonly DimensionSeed[]
  readonly measures?: readonly MeasureSeed[]
  readonly variables?: readonly VariableSeed[]
  readonly bookmarks?: readonly BookmarkSeed[]
  /** Pictures of visualisations in stories: objects of the type `snapshot`. */
  readonly snapshots?: readonly BookmarkSeed[]
  readonly connections?: readonly ConnectionSeed[]
  /** Addresses of pictures inside the app, `/appcontent/<id>/logo.png`. @defaultValue none */
  readonly media?: readonly string[]
  readonly lineage?: readonly { readonly discriminator: string; readonly statement: string }[]
  /** Results of expressions beyond `Sum`, `Count`, `Avg`, `Min` and `Max` of one field, by expression. @defaultValue none */
  readonly expressions?: Readonly<Record<string, string | number>>
}

/** A table of the data model. */
export interface TableSeed {
  readonly name: string
  readonly fields: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** What all of an app's objects have. */
export interface TitledSeed {
  readonly id?: string
  readonly title: string
  /** @defaultValue '' */
  readonly description?: string
}

/** A visualisation, a story or the like. */
export interface ObjectSeed extends TitledSeed {
  /** Such as `barchart`. @defaultValue 'story' for stories, 'masterobject' for master objects */
  readonly type?: string
  /** Further properties, as they are in the engine. @defaultValue none */
  readonly properties?: Readonly<Record<string, unknown>>
  /** @defaultValue none */
  readonly objects?: readonly ObjectSeed[]
}

/** A sheet and what is on it. */
export interface SheetSeed extends TitledSeed {
  /** @defaultValue none */
  readonly objects?: readonly (ObjectSeed & { readonly type: string })[]
}

/** A master dimension. */
export interface DimensionSeed extends TitledSeed {
  /** Field names or expressions; more than one makes a drill-down. */
  readonly fields: readonly string[]
}

/** A master measure. */
export interface MeasureSeed extends TitledSeed {
  readonly expression: string
}

/** A variable. */
export interface VariableSeed {
  readonly id?: string
  readonly name: string
  readonly definition: string
  /** @defaultValue '' */
  readonly comment?: string
}

/** A bookmark. */
export interface BookmarkSeed extends TitledSeed {
  /** Further properties, as they are in the engine. @defaultValue none */
  readonly properties?: Readonly<Record<string, unknown>>
}

/** A data connection the app can use. */
export interface ConnectionSeed {
  readonly id?: string
  readonly name: string
  /** Such as `folder`. */
  readonly type: string
  readonly connectionString: string
  /** @defaultValue '' */
  readonly userName?: string
}
