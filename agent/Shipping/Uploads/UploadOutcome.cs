namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>What became of a request about an upload.</summary>
internal enum UploadVerdict
{
    /// <summary>It was taken; there is more to send.</summary>
    Taken,

    /// <summary>The collector has the file.</summary>
    FileKept,

    /// <summary>The collector has the whole capture.</summary>
    CaptureDone,

    /// <summary>The offset is another: ask for it.</summary>
    Ask,

    /// <summary>The upload is no more: begin it anew.</summary>
    Anew,

    /// <summary>Files are missing at the collector or arrived damaged: send them again.</summary>
    Incomplete,

    /// <summary>It may be taken later.</summary>
    Later,

    /// <summary>The collector will not take it as it is.</summary>
    Refused,

    /// <summary>The receiver takes no captures.</summary>
    NoCollector,
}

/// <summary>A verdict with what is known of it.</summary>
/// <param name="Reason">Value of the label <c>reason</c>; empty where nothing failed.</param>
/// <param name="Words">The same for people.</param>
/// <param name="Offset">Bytes that the collector has; -1 where it does not say.</param>
/// <param name="Url">Where the upload goes on.</param>
/// <param name="After">When the receiver asks to be tried again; null where it does not say.</param>
internal sealed record UploadOutcome(UploadVerdict Verdict, string Reason = "", string Words = "", long Offset = -1, Uri? Url = null, TimeSpan? After = null);
