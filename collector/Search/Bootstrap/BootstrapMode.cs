namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Who puts templates and policies in place.</summary>
internal enum BootstrapMode
{
    /// <summary>The collector, at its start.</summary>
    Install,

    /// <summary>A person; the collector waits until they are there.</summary>
    Manual,
}

/// <summary>Who deletes indices that are over their time.</summary>
internal enum LifecycleMode
{
    /// <summary>The server where it can, the collector where it cannot.</summary>
    Auto,

    /// <summary>The server alone.</summary>
    Server,

    /// <summary>The collector alone.</summary>
    Collector,

    /// <summary>Nobody.</summary>
    None,
}

/// <summary>What a server has for indices that grow old.</summary>
internal enum LifecycleSupport
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Index lifecycle management of Elasticsearch, which reads the age of an index from its name.</summary>
    Ilm,

    /// <summary>Index state management of OpenSearch, which counts from the creation of an index.</summary>
    Ism,
}
