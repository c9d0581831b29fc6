namespace Monitoring.Collector.Search.Documents;

/// <summary>How a field is stored and searched; what that is called differs between servers.</summary>
internal enum FieldType
{
    /// <summary>A word that is found whole, sorted and counted by.</summary>
    Keyword,

    /// <summary>The same for every document of an index.</summary>
    ConstantKeyword,

    /// <summary>Long words that are found by any part, such as a command line.</summary>
    Wildcard,

    /// <summary>Sentences, found by their words.</summary>
    Text,

    /// <summary>Shown and not searched.</summary>
    Shown,
    Date,
    Integer,
    Long,

    /// <summary>A floating-point number of 64 bits.</summary>
    Number,
    YesNo,
    Address,

    /// <summary>Any names with words as values, each found as a keyword.</summary>
    Flattened,
}
