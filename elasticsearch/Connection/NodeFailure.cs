namespace Monitoring.Elasticsearch.Connection;

/// <summary>What became of a request that got no answer, in words and as a reason for metrics.</summary>
internal static class NodeFailure
{
    /// <summary>The node cannot have got the request.</summary>
    internal const string Unreachable = "unreachable";

    /// <summary>The node may have got it and not answered in time.</summary>
    internal const string TimedOut = "timeout";

    /// <summary>The connection broke while request or answer were under way.</summary>
    internal const string Broken = "broken";

    internal static ElasticsearchUnreachableException Of(Exception fault, TimeSpan timeout) => fault switch
    {
        OperationCanceledException => new($"no answer within request_timeout of {timeout.TotalSeconds:0.###} s", TimedOut, fault),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(
            $"no TLS connection: {Innermost(fault)}. Is ca_file the authority of the server's certificate, and does the server accept client_certificate_file?", Unreachable, fault),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError } => new(Innermost(fault), Unreachable, fault),
        _ => new(Innermost(fault), Broken, fault),
    };

    private static string Innermost(Exception fault)
    {
        while (fault.InnerException is { } inner) fault = inner;
        return fault.Message;
    }
}
