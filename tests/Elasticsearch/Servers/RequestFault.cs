namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>What goes wrong with a whole request.</summary>
internal enum RequestFaultKind
{
    /// <summary>The answer comes in place of the server's, which never sees the request.</summary>
    Refuse,

    /// <summary>The server does what was asked, the answer comes in place of its own: a proxy that gave up too early.</summary>
    RefuseAfterStoring,

    /// <summary>The connection ends before the server sees the request.</summary>
    CutBeforeStoring,

    /// <summary>The connection ends after the server did what was asked.</summary>
    CutAfterStoring,

    /// <summary>Nothing comes until the client gives up; the server never sees the request.</summary>
    SilenceBeforeStoring,

    /// <summary>Nothing comes until the client gives up; the server did what was asked.</summary>
    SilenceAfterStoring,

    /// <summary>The body is the first half of the server's answer, and says that it is whole.</summary>
    TruncatedJson,

    /// <summary>The connection ends in the middle of the answer.</summary>
    TruncatedTransfer,

    /// <summary>The last item of the answer is missing; seen in Elasticsearch 7.10.2 and 7.11.1.</summary>
    OneItemLess,

    /// <summary>The last item of the answer is there twice.</summary>
    OneItemMore,
}

/// <summary>A fault of a whole request.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Answer">The answer of <see cref="RequestFaultKind.Refuse"/> and <see cref="RequestFaultKind.RefuseAfterStoring"/>.</param>
internal sealed record RequestFault(RequestFaultKind Kind, ServerAnswer? Answer = null)
{
    /// <summary>The page of a proxy whose server does not answer.</summary>
    internal static RequestFault BadGateway { get; } = Refuse(Page(502, "Bad Gateway"));

    /// <summary>The page of a proxy that waited too long; its server did what was asked.</summary>
    internal static RequestFault GatewayTimeoutAfterStoring { get; } = new(RequestFaultKind.RefuseAfterStoring, Page(504, "Gateway Time-out"));

    /// <summary>The page of a proxy without a server.</summary>
    internal static RequestFault ServiceUnavailable { get; } = Refuse(Page(503, "Service Temporarily Unavailable"));

    /// <summary>A cluster without a master.</summary>
    internal static RequestFault NoMaster { get; } = Refuse(ServerAnswer.Error(503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];"));

    /// <summary>The whole request is more than a coordinating node takes at present.</summary>
    internal static RequestFault TooManyRequests { get; } = Refuse(ServerAnswer.Error(429, "es_rejected_execution_exception",
        "rejected execution of coordinating operation [coordinating_and_primary_bytes=53687091, replica_bytes=0, all_bytes=53687091, coordinating_operation_bytes=5242880, max_coordinating_and_primary_bytes=53687091]"));

    /// <summary>The server's parent circuit breaker.</summary>
    internal static RequestFault CircuitBreaker { get; } = Refuse(ServerAnswer.Error(429, "circuit_breaking_exception",
        "[parent] Data too large, data for [<http_request>] would be [1020054732/972.7mb], which is larger than the limit of [986932838/941.2mb]", ("durability", "TRANSIENT")));

    /// <summary>As Elasticsearch and OpenSearch answer a body over their limit: with nothing.</summary>
    internal static RequestFault TooLarge { get; } = Refuse(new ServerAnswer(413, null, default));

    /// <summary>A request that could not be read.</summary>
    internal static RequestFault Malformed { get; } = Refuse(ServerAnswer.Error(400, "illegal_argument_exception", "Malformed action/metadata line [1], expected START_OBJECT but found [VALUE_STRING]"));

    /// <summary>The server's own error.</summary>
    internal static RequestFault InternalError { get; } = Refuse(ServerAnswer.Error(500, "null_pointer_exception", "Cannot invoke \"Object.toString()\" because \"value\" is null"));

    /// <summary>Credentials that were revoked.</summary>
    internal static RequestFault Unauthorized { get; } = Refuse(AccessAnswers.Unauthorized("/_bulk"));

    /// <summary>Credentials that do not reach so far.</summary>
    internal static RequestFault Forbidden { get; } = Refuse(AccessAnswers.Forbidden);

    /// <summary>A load balancer's page in place of the answer, with the status of success.</summary>
    internal static RequestFault PageOfSuccess { get; } = Refuse(Page(200, "Maintenance"));

    internal static RequestFault Of(RequestFaultKind kind) => new(kind);

    internal static RequestFault Refuse(ServerAnswer answer) => new(RequestFaultKind.Refuse, answer);

    /// <summary>As it stands in counts and messages.</summary>
    internal string Name => Answer is null ? Kind.ToString() : $"{Kind} {Answer.Status}";

    private static ServerAnswer Page(int status, string title) => new(status, "text/html",
        System.Text.Encoding.UTF8.GetBytes($"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"));
}
