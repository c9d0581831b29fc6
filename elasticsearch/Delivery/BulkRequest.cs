using System.Globalization;
using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>Sends a batch and judges the answer as a whole.</summary>
internal sealed class BulkRequest(ElasticsearchClient client, bool compress)
{
    private const string Path = "_bulk?filter_path=" + BulkReply.FilterPath;

    /// <summary>Sends a batch.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop; the batch may have been stored.</exception>
    internal async Task<BulkOutcome> SendAsync(IReadOnlyList<WaitingDocument> batch, CancellationToken cancellationToken)
    {
        try
        {
            // Every document has an id of its own, so that another node may be asked the same even if the first one did it.
            var reply = await client.SendAsync(HttpMethod.Post, Path, () => new BulkContent(batch, compress), mayRepeat: true, cancellationToken).ConfigureAwait(false);
            return Judge(reply, batch.Count);
        }
        catch (ElasticsearchUnreachableException fault)
        {
            var verdict = fault.Reason == NodeFailure.Unreachable ? RequestVerdict.Retry : RequestVerdict.RetrySmaller;
            return new BulkOutcome(verdict, null, fault.Reason, fault.Message, null);
        }
    }

    /// <summary>The table of decisions for a request (docs/elasticsearch-delivery.md).</summary>
    internal static BulkOutcome Judge(ElasticsearchReply reply, int documents)
    {
        if (reply.IsSuccess) return JudgeAnswer(reply, documents);
        var error = ErrorWords.ReadError(reply.Body.Span);
        var verdict = reply.Status switch
        {
            403 or 429 when error is { IsClusterBlock: true } => RequestVerdict.Blocked,
            401 or 403 or 407 => RequestVerdict.NotAllowed,
            413 => RequestVerdict.TooLarge,
            429 => RequestVerdict.Busy,
            400 when error is not null => RequestVerdict.Malformed,
            408 or >= 500 => RequestVerdict.Retry,
            _ => RequestVerdict.NoServer,
        };
        return Failed(verdict, reply, string.Create(CultureInfo.InvariantCulture, $"status_{reply.Status}"), reply.Describe());
    }

    private static BulkOutcome JudgeAnswer(ElasticsearchReply reply, int documents)
    {
        if (BulkReply.Read(reply.Body.Span, documents) is not { HasErrors: { } hasErrors } answer)
            return Failed(RequestVerdict.Retry, reply, "no_answer", $"{reply.Describe()} is no answer to _bulk; is a proxy between?");
        if (answer.Items is null && !hasErrors) return new BulkOutcome(RequestVerdict.Answered, reply.Status, "", "", reply.RetryAfter);
        if (answer.Items?.Count != documents)
            return Failed(RequestVerdict.Retry, reply, "items_mismatch", $"the answer speaks of {answer.Items?.Count ?? 0} documents or more, the request had {documents}");
        return new BulkOutcome(RequestVerdict.Answered, reply.Status, "", "", reply.RetryAfter, answer.Items);
    }

    private static BulkOutcome Failed(RequestVerdict verdict, ElasticsearchReply reply, string reason, string words) =>
        new(verdict, reply.Status, reason, $"{reply.Node}: {words}", reply.RetryAfter);
}
