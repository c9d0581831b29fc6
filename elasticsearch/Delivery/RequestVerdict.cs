namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What is done after a request.</summary>
internal enum RequestVerdict
{
    /// <summary>Each document has its own answer.</summary>
    Answered,

    /// <summary>Nothing is known of any document: all again, after a pause.</summary>
    Retry,

    /// <summary>As before, and the next requests are smaller: it took too long, or broke off.</summary>
    RetrySmaller,

    /// <summary>The server has too much to do: all again after a pause, and less at once.</summary>
    Busy,

    /// <summary>The request is too large for the server or a proxy: halves.</summary>
    TooLarge,

    /// <summary>The server cannot read the request: halves, down to the document that is to blame.</summary>
    Malformed,

    /// <summary>The credentials are refused: all waits, and a person is told.</summary>
    NotAllowed,

    /// <summary>The cluster is closed to writing: all waits, and a person is told.</summary>
    Blocked,

    /// <summary>What answers is no Elasticsearch: all waits, and a person is told.</summary>
    NoServer,
}
