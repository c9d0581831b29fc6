using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Delivery;

public sealed class BulkContentTests
{
    [Fact]
    public void A_document_is_created_in_its_own_index_under_its_own_id_and_every_line_ends()
    {
        var body = Body([Waiting("logs-gpu.event-default-2026.01.01-000001", "0QF3a", "{\"a\":1}"), Waiting("i", "two", "{}")], compress: false);
        body.Should().Be("{\"create\":{\"_index\":\"logs-gpu.event-default-2026.01.01-000001\",\"_id\":\"0QF3a\"}}\n{\"a\":1}\n{\"create\":{\"_index\":\"i\",\"_id\":\"two\"}}\n{}\n");
    }

    [Fact]
    public void The_length_that_is_announced_is_that_of_the_body_whatever_ids_hold() => Prop.ForAll<(NonNull<string> Id, PositiveInt Bytes)[], bool>(static (documents, compress) =>
    {
        var batch = documents.Select(static document => Waiting("index", Clean(document.Id.Get), $"{{\"x\":\"{new string('y', document.Bytes.Get * 997)}\"}}")).ToList();
        using var content = new BulkContent(batch, compress);
        var body = Body(batch, compress);
        var lines = body.Split('\n');
        return (compress || content.Headers.ContentLength == Encoding.UTF8.GetByteCount(body)) && lines.Length == (2 * batch.Count) + 1
            && batch.Select((waiting, at) => JsonDocument.Parse(lines[2 * at]).RootElement.GetProperty("create").GetProperty("_id").GetString() == waiting.Document.Id && lines[(2 * at) + 1].Length == waiting.Document.Json.Length).All(static same => same);
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Documents_that_are_longer_than_the_buffer_are_whole()
    {
        var long1 = $"{{\"x\":\"{new string('a', 300_000)}\"}}";
        var body = Body([Waiting("i", "1", "{}"), Waiting("i", "2", long1), Waiting("i", "3", "{}"), Waiting("i", "4", $"{{\"x\":\"{new string('b', 65_400)}\"}}")], compress: true);
        body.Split('\n')[3].Should().Be(long1);
        body.Split('\n').Should().HaveCount(9);
    }

    [Fact]
    public void Writing_a_body_allocates_next_to_nothing_for_each_document()
    {
        var batch = Enumerable.Range(0, 2000).Select(static number => Waiting("logs-gpu.event-default-2026.01.01-000001", $"id-{number}", "{\"message\":\"GPU has fallen off the bus\"}")).ToList();
        using var content = new BulkContent(batch, compress: false);
        content.CopyTo(Stream.Null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        content.CopyTo(Stream.Null);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000);
    }

    private static string Clean(string id) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(id.Length == 0 ? "x" : id));

    private static WaitingDocument Waiting(string index, string id, string json) => new(new SourceDocument(1, index, id, Encoding.UTF8.GetBytes(json)), default, default);

    private static string Body(IReadOnlyList<WaitingDocument> batch, bool compress)
    {
        using var content = new BulkContent(batch, compress);
        content.Headers.ContentType!.ToString().Should().Be("application/x-ndjson");
        var bytes = content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
        if (!compress) return Encoding.UTF8.GetString(bytes);
        using var unpacked = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        return unpacked.ReadToEnd();
    }
}

/// <summary>Lets a test write a body on its own thread.</summary>
file static class ContentOnThisThread
{
    internal static void CopyTo(this HttpContent content, Stream stream)
    {
        var copying = content.CopyToAsync(stream);
        if (!copying.IsCompletedSuccessfully) throw new InvalidOperationException("Writing to memory should not wait.");
    }
}
