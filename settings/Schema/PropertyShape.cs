namespace Monitoring.Settings.Schema;

/// <summary>How a setting is laid out in the file.</summary>
internal enum PropertyShape
{
    /// <summary>One value.</summary>
    Scalar,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>Names and values that the user chooses.</summary>
    Map,

    /// <summary>A group of settings.</summary>
    Section,

    /// <summary>A list of groups of settings.</summary>
    SectionList,
}
