namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What is done with a document after an answer.</summary>
internal enum ItemVerdict
{
    /// <summary>It is stored: settled.</summary>
    Stored,

    /// <summary>The server refused it and keeps it in its failure store: settled.</summary>
    FailureStore,

    /// <summary>An earlier attempt had stored it: settled.</summary>
    Duplicate,

    /// <summary>It will never be taken as it is: dead letter.</summary>
    Refused,

    /// <summary>It cannot be stored now: again, soon.</summary>
    Retry,

    /// <summary>The server has too much to do: again, and less at once.</summary>
    Busy,

    /// <summary>The disk is full or the credentials do not reach: again after a long pause, and a person is told.</summary>
    Blocked,

    /// <summary>The index is closed to writing, by a person or its life cycle: as before, but not for ever.</summary>
    IndexBlocked,

    /// <summary>The server fails on it: again, but not for ever if it takes others meanwhile.</summary>
    Failing,
}
