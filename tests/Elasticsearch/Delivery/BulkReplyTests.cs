using System.Text;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Delivery;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Delivery;

public sealed class BulkReplyTests
{
    [Fact]
    public void What_decides_is_read_and_all_else_is_passed_over()
    {
        var reply = Read(
            """
            {"took":30,"ingest_took":1,"errors":true,"extra":{"items":[1,2]},"items":[
              {"create":{"_index":"x","_id":"1","_version":1,"result":"created","_shards":{"total":2},"status":201}},
              {"index":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"[1]: version conflict","index":"x","shard":"0"}}},
              {"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"failed to parse","caused_by":{"type":"illegal_argument_exception","reason":"bad","caused_by":{"type":"x","reason":"y"}}}}},
              {"create":{"failure_store":"used","status":201}},
              {"create":{"failure_store":"not_enabled","status":400,"error":"old"}}]}
            """)!;

        reply.HasErrors.Should().BeTrue();
        reply.Items!.Select(static item => (item.Status, item.IsInFailureStore)).Should().Equal((201, false), (409, false), (400, false), (201, true), (400, false));
        reply.Items![2].Error!.ToString().Should().Be("document_parsing_exception: failed to parse; caused by illegal_argument_exception: bad; caused by x: y");
        reply.Items![4].Error!.Reason.Should().Be("old");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"errors\":1}")]
    [InlineData("{\"items\":{}}")]
    [InlineData("{\"errors\":false,\"items\":[1]}")]
    [InlineData("{\"errors\":false,\"items\":[{\"create\":3}]}")]
    [InlineData("{\"errors\":false,\"items\":[]} x")]
    [InlineData("{\"errors\":false,\"items\":[]")]
    public void What_is_no_answer_is_none(string json) => Read(json).Should().BeNull();

    [Theory]
    [InlineData("{\"errors\":false,\"items\":[{}]}")]
    [InlineData("{\"errors\":false,\"items\":[{\"create\":{}}]}")]
    [InlineData("{\"errors\":false,\"items\":[{\"create\":{\"status\":\"201\"}}]}")]
    [InlineData("{\"errors\":false,\"items\":[{\"create\":{\"status\":1e99}}]}")]
    public void An_item_without_a_status_is_not_taken_for_stored(string json)
    {
        var item = Read(json)!.Items!.Should().ContainSingle().Subject;
        item.Status.Should().Be(0);
        ItemVerdicts.Of(item).Should().Be(ItemVerdict.Retry);
    }

    [Fact]
    public void A_list_that_is_longer_than_asked_for_is_not_read_to_its_end() =>
        BulkReply.Read(Encoding.UTF8.GetBytes("{\"errors\":false,\"items\":[" + string.Join(',', Enumerable.Repeat("{\"create\":{\"status\":201}}", 1000)) + "]}"), 5)!.Items.Should().HaveCount(6);

    [Fact]
    public void Reading_an_answer_without_faults_allocates_its_list_alone()
    {
        var json = Encoding.UTF8.GetBytes("{\"errors\":false,\"items\":[" + string.Join(',', Enumerable.Repeat("{\"create\":{\"status\":201}}", 2000)) + "]}");
        BulkReply.Read(json, 2000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        BulkReply.Read(json, 2000);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2000 * 16 + 1000);
    }

    [Fact]
    public void Every_list_of_answers_is_read_back_in_its_order() => Prop.ForAll<(int Status, string? Reason, bool IsKept)[]>(static answers =>
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            took = 1,
            errors = true,
            items = answers.Select(static answer => new Dictionary<string, object>
            {
                ["create"] = answer.Reason is null ? new { status = answer.Status, failure_store = answer.IsKept ? "used" : "failed" }
                    : new { error = new { type = "t", reason = answer.Reason }, status = answer.Status, failure_store = answer.IsKept ? "used" : "failed" },
            }),
        });
        var read = BulkReply.Read(json, answers.Length);
        return read?.Items is { } items && items.Count == answers.Length
            && items.Zip(answers).All(static pair => pair.First.Status == pair.Second.Status && pair.First.IsInFailureStore == pair.Second.IsKept && (pair.First.Error is null) == (pair.Second.Reason is null));
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Damage_anywhere_never_throws_and_never_invents_items() => Prop.ForAll<int, byte>(static (at, value) =>
    {
        var json = Encoding.UTF8.GetBytes("""{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,"error":{"type":"a","reason":"b ä","caused_by":{"type":"c"}}}}]}""");
        json[(int)((uint)at % json.Length)] = value;
        return BulkReply.Read(json, 2) is not { Items.Count: > 3 };
    }).Check(Fuzzing.Cases(5000));

    [Fact]
    public void Any_bytes_never_throw() => Prop.ForAll<byte[]>(static bytes =>
    {
        _ = BulkReply.Read(bytes, 3);
        _ = BulkReply.Read([.. "{\"errors\":false,\"items\":[{\"create\":{\"error\":"u8, .. bytes], 3);
        return true;
    }).Check(Fuzzing.Cases(2000));

    private static BulkReply? Read(string json) => BulkReply.Read(Encoding.UTF8.GetBytes(json), 10);
}
