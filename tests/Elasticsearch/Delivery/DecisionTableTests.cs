using System.Net;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using Xunit;
using static Monitoring.Tests.Elasticsearch.Delivery.ScriptedBulk;

namespace Monitoring.Tests.Elasticsearch.Delivery;

/// <summary>Each row of the table in docs/elasticsearch-delivery.md.</summary>
public sealed class DecisionTableTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DeliveryBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void What_is_stored_is_settled()
    {
        bench.Source.Add(3);
        bench.Run();

        bench.Source.Settled.Should().Equal(1, 2, 3);
        (bench.Tally.Sent, bench.Tally.Requests, bench.Tally.Retried).Should().Be((3, 1, 0));
        bench.Tally.LastSuccess.Should().Be(bench.Time.GetUtcNow());
        bench.Source.Commits.Should().Be(1);
    }

    [Fact]
    public void An_answer_without_items_that_says_no_errors_stores_all()
    {
        bench.Server.Answered = static _ => Answer(HttpStatusCode.OK, """{"errors":false}""");
        bench.Source.Add(2);
        bench.Run();
        bench.Tally.Sent.Should().Be(2);
    }

    [Fact]
    public void A_document_that_is_there_already_is_settled_as_a_duplicate()
    {
        bench.Server.Stored.Add(("logs-gpu.event-default-2026.01.01-000001", "id-2"), "{}");
        bench.Source.Add(3);
        bench.Run();

        bench.Source.Settled.Should().Equal(1, 2, 3);
        (bench.Tally.Sent, bench.Tally.Duplicates, bench.Tally.DeadLetters).Should().Be((2, 1, 0));
    }

    [Theory]
    [InlineData(400, "mapper_parsing_exception")]
    [InlineData(400, "document_parsing_exception")]
    [InlineData(400, "illegal_argument_exception")]
    [InlineData(404, "index_not_found_exception")]
    [InlineData(413, "too_large")]
    public void What_will_never_be_taken_is_a_dead_letter_and_the_others_are_stored(int status, string type)
    {
        bench.Server.Item = sent => sent.Number == 2 ? Error(status, type, "object mapping for [gpu] tried to parse field") : null;
        bench.Source.Add(3);
        bench.Run();

        bench.Source.Settled.Should().BeEquivalentTo([1, 2, 3]);
        (bench.Tally.Sent, bench.Tally.DeadLetters, bench.Tally.Retried).Should().Be((2, 1, 0));
        var letter = bench.DeadLetters.Should().ContainSingle().Subject;
        letter.GetProperty("status").GetInt32().Should().Be(status);
        letter.GetProperty("error").GetProperty("type").GetString().Should().Be(type);
        letter.GetProperty("attempts").GetInt32().Should().Be(1);
        letter.GetProperty("first_seen").GetDateTimeOffset().Should().Be(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        letter.GetProperty("target").GetProperty("index").GetString().Should().Be("logs-gpu.event-default-2026.01.01-000001");
        letter.GetProperty("target").GetProperty("id").GetString().Should().Be("id-2");
        letter.GetProperty("source").GetRawText().Should().Be("""{"n":2,"pad":""}""");
    }

    [Fact]
    public void What_the_failure_store_keeps_is_settled_and_counted_as_such()
    {
        bench.Server.Item = static sent => sent.Number == 1 ? """{"create":{"status":201,"failure_store":"used"}}""" : null;
        bench.Source.Add(2);
        bench.Run();

        bench.Source.Settled.Should().Equal(1, 2);
        (bench.Tally.Sent, bench.Tally.FailureStore, bench.Tally.DeadLetters).Should().Be((1, 1, 0));
    }

    [Theory]
    [InlineData(429, "es_rejected_execution_exception")]
    [InlineData(429, "rejected_execution_exception")]
    [InlineData(500, "exception")]
    [InlineData(502, "x")]
    [InlineData(503, "unavailable_shards_exception")]
    [InlineData(504, "timeout")]
    [InlineData(0, "no status at all")]
    public void What_cannot_be_stored_now_is_tried_again_alone_with_growing_pauses(int status, string type)
    {
        var refusals = 3;
        bench.Server.Item = sent => sent.Number == 2 && refusals-- > 0 ? Error(status, type, "later") : null;
        bench.Source.Add(3);
        bench.Run();

        bench.Source.Settled.Should().Equal(1, 3);
        bench.Pass(Second); // 1, 2 and 4 seconds, without scatter
        bench.Pass(2 * Second);
        bench.Server.Sizes.Should().Equal(3, 1, 1);
        bench.Pass(4 * Second);
        bench.Server.Sizes.Should().Equal(3, 1, 1, 1);
        bench.Source.Settled.Should().Equal(1, 3, 2);
        (bench.Tally.Sent, bench.Tally.Retried).Should().Be((3, 3));
    }

    [Theory]
    [InlineData(429, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];")]
    [InlineData(403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];")]
    [InlineData(403, "security_exception", "action [indices:data/write/bulk[s]] is unauthorized")]
    public void What_is_blocked_waits_long_and_a_person_is_told_once(int status, string type, string reason)
    {
        var isBlocked = true;
        bench.Server.Item = _ => isBlocked ? Error(status, type, reason) : null;
        bench.Source.Add(2);
        bench.Run();

        bench.Pass(TimeSpan.FromSeconds(59));
        bench.Server.Sizes.Should().Equal(2);
        for (var minute = 0; minute < 180; minute++) bench.Pass(TimeSpan.FromMinutes(1));
        bench.Server.Sizes.Should().HaveCount(181);
        bench.Tally.BatchBytesLimit.Should().Be(bench.Connection.MaxBatchBytes);
        bench.Log.Lines.Should().ContainSingle().Which.Should().Match<(LogLevel Level, int, string Text)>(line => line.Level == LogLevel.Error && line.Text.Contains(type));
        isBlocked = false;
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Source.Settled.Should().Equal(1, 2);
        bench.DeadLetters.Should().BeEmpty();
        bench.Log.Lines.Should().HaveCount(2).And.Contain(static line => line.Number == 6011);
    }

    [Theory]
    [InlineData("index [x] blocked by: [FORBIDDEN/8/index write (api)];")]
    [InlineData("index [x] blocked by: [FORBIDDEN/5/index read-only (api)];")]
    public void An_index_that_is_closed_to_writing_does_not_hold_its_documents_for_ever(string reason)
    {
        bench.Server.Item = sent => sent.Number == 1 ? Error(403, "cluster_block_exception", reason) : null;
        bench.Source.Add(2);
        bench.Run();
        for (var minute = 0; minute < 59; minute++) bench.Pass(TimeSpan.FromMinutes(1));
        bench.DeadLetters.Should().BeEmpty();
        for (var minute = 0; minute < 5; minute++) bench.Pass(TimeSpan.FromMinutes(1));

        bench.DeadLetters.Should().ContainSingle();
        bench.Source.Settled.Should().BeEquivalentTo([1, 2]);
    }

    [Fact]
    public void A_document_on_which_the_server_fails_is_a_dead_letter_once_others_were_stored_all_the_while()
    {
        bench.Server.Item = static sent => sent.Number == 1 ? Error(500, "null_pointer_exception", "") : null;
        bench.Source.Add(1);
        bench.Run();
        for (var minute = 0; minute < 120; minute++) bench.Pass(TimeSpan.FromMinutes(1));
        bench.DeadLetters.Should().BeEmpty("nothing says that the server is not simply broken");

        bench.Source.Add(1);
        for (var minute = 0; minute < 3; minute++) bench.Pass(TimeSpan.FromMinutes(1));
        bench.DeadLetters.Should().ContainSingle();
        bench.Source.Settled.Should().BeEquivalentTo([1, 2]);
    }

    [Fact]
    public void A_request_that_is_too_large_is_halved_and_a_document_that_is_too_large_is_a_dead_letter()
    {
        bench.Server.Whole = static sent => sent.Sum(static document => document.Json.Length) > 20_000 ? Answer(HttpStatusCode.RequestEntityTooLarge) : null; // no JSON at all
        bench.Source.Add(40, 1000);
        bench.Source.Add(1, 30_000);
        bench.Source.Add(5, 1000);
        bench.Run();
        bench.Pass(Second);

        bench.Server.Stored.Should().HaveCount(45);
        bench.Source.Settled.Should().HaveCount(46);
        var letter = bench.DeadLetters.Should().ContainSingle().Subject;
        letter.GetProperty("status").GetInt32().Should().Be(413);
        letter.GetProperty("target").GetProperty("id").GetString().Should().Be("id-41");
        bench.Tally.BatchBytesLimit.Should().BeLessThan(40_000);
    }

    [Fact]
    public void A_request_that_the_server_cannot_read_is_halved_down_to_the_document_that_is_to_blame()
    {
        bench.Server.Whole = static sent => sent.Any(static document => document.Number is 7 or 90) ? Answer(HttpStatusCode.BadRequest, WholeError(400, "illegal_argument_exception", "Malformed action/metadata line [3]")) : null;
        bench.Source.Add(100);
        bench.Run();

        bench.Server.Stored.Should().HaveCount(98);
        bench.DeadLetters.Select(static letter => letter.GetProperty("target").GetProperty("id").GetString()).Should().BeEquivalentTo("id-7", "id-90");
        bench.Source.Settled.Should().HaveCount(100);
        bench.Server.Sizes.Should().HaveCountLessThan(35);
    }

    [Fact]
    public void A_400_that_is_not_of_the_server_blames_no_document()
    {
        bench.Server.Whole = static _ => Answer(HttpStatusCode.BadRequest, "<html>The plain HTTP request was sent to HTTPS port</html>");
        bench.Source.Add(2);
        bench.Run();
        bench.Pass(TimeSpan.FromHours(1));

        bench.DeadLetters.Should().BeEmpty();
        bench.Source.Settled.Should().BeEmpty();
        bench.Log.Lines.Should().ContainSingle().Which.Text.Should().Contain("HTTPS port").And.Contain("urls must be");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(408)]
    public void A_request_that_cannot_be_served_now_is_repeated_as_it_was(int status)
    {
        var refusals = 2;
        bench.Server.Whole = _ => refusals-- > 0 ? Answer((HttpStatusCode)status, "<html>upstream</html>") : null;
        bench.Source.Add(3);
        bench.Run();
        bench.Pass(Second);
        bench.Server.Sizes.Should().Equal(3, 3);
        bench.Pass(2 * Second);

        bench.Server.Sizes.Should().Equal(3, 3, 3);
        bench.Source.Settled.Should().Equal(1, 2, 3);
        bench.Tally.Failures.Should().Contain($"status_{status}", 2);
        bench.Tally.Retried.Should().Be(6);
        bench.Tally.BatchBytesLimit.Should().Be(bench.Connection.MaxBatchBytes);
    }

    [Fact]
    public void A_server_that_is_busy_is_asked_again_when_it_says_and_for_less()
    {
        var refusals = 1;
        bench.Server.Whole = _ => refusals-- > 0 ? Answer(HttpStatusCode.TooManyRequests, "", "30") : null;
        bench.Source.Add(100, 1000);
        bench.Run();
        bench.Pass(TimeSpan.FromSeconds(29));
        bench.Server.Sizes.Should().Equal(100);
        bench.Tally.BatchBytesLimit.Should().BeInRange(50_000, 60_000);
        bench.Pass(Second);

        bench.Server.Sizes.Should().Equal(100, 50, 50);
        bench.Source.Settled.Should().HaveCount(100);
    }

    [Fact]
    public void A_date_to_come_back_at_is_waited_for()
    {
        var refusals = 1;
        bench.Server.Whole = _ => refusals-- > 0 ? Answer(HttpStatusCode.ServiceUnavailable, "", bench.Time.GetUtcNow().AddSeconds(45).ToString("R")) : null;
        bench.Source.Add(1);
        bench.Run();
        bench.Pass(TimeSpan.FromSeconds(44));
        bench.Server.Sizes.Should().Equal(1);
        bench.Pass(Second);
        bench.Server.Sizes.Should().Equal(1, 1);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public void Refused_credentials_stop_the_stream_are_said_once_and_tried_again(int status)
    {
        var isRefused = true;
        bench.Server.Whole = _ => isRefused ? Answer((HttpStatusCode)status, WholeError(status, "security_exception", "unable to authenticate user")) : null;
        bench.Source.Add(3);
        bench.Run();
        bench.Pass(TimeSpan.FromSeconds(59));
        bench.Server.Sizes.Should().Equal(3);
        for (var minute = 0; minute < 60; minute++) bench.Pass(TimeSpan.FromMinutes(1));

        bench.Server.Sizes.Should().HaveCount(61);
        bench.Source.Settled.Should().BeEmpty();
        bench.Log.Lines.Should().ContainSingle().Which.Should().Match<(LogLevel Level, int, string Text)>(static line => line.Level == LogLevel.Error && line.Text.Contains("api_key") && line.Text.Contains("unable to authenticate user"));
        isRefused = false;
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Source.Settled.Should().Equal(1, 2, 3);
    }

    [Theory]
    [InlineData("<html><body>Welcome to the proxy</body></html>")]
    [InlineData("")]
    [InlineData("{\"errors\":tr")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"took\":3,\"items\":[]}")]
    public void An_answer_that_is_none_says_nothing_and_all_is_sent_again(string body)
    {
        var answers = 1;
        bench.Server.Answered = json => Answer(HttpStatusCode.OK, answers-- > 0 ? body : json);
        bench.Source.Add(3);
        bench.Run();
        bench.Source.Settled.Should().BeEmpty();
        bench.Pass(Second);

        bench.Server.Stored.Should().HaveCount(3);
        (bench.Tally.Sent, bench.Tally.Duplicates).Should().Be((0, 3));
        bench.Tally.Failures.Should().Contain("no_answer", 1);
    }

    [Theory]
    [InlineData("""{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400}}]}""")]
    [InlineData("""{"errors":false,"items":[]}""")]
    [InlineData("""{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]}""")]
    public void An_answer_about_another_number_of_documents_says_nothing_and_all_is_sent_again(string body)
    {
        var answers = 1;
        bench.Server.Answered = json => Answer(HttpStatusCode.OK, answers-- > 0 ? body : json);
        bench.Source.Add(3);
        bench.Run();
        bench.Source.Settled.Should().BeEmpty();
        bench.Pass(Second);

        bench.Source.Settled.Should().Equal(1, 2, 3);
        bench.DeadLetters.Should().BeEmpty();
        bench.Tally.Failures.Should().Contain("items_mismatch", 1);
    }

    [Fact]
    public void A_request_that_gets_no_answer_in_time_is_sent_again_and_smaller()
    {
        var answers = 1;
        bench.Server.Answered = json => answers-- > 0 ? throw new OperationCanceledException("no answer") : Answer(HttpStatusCode.OK, json);
        bench.Source.Add(10, 10_000);
        bench.Run();
        bench.Pass(Second);

        bench.Server.Stored.Should().HaveCount(10);
        bench.Tally.Duplicates.Should().Be(10);
        bench.Tally.Failures.Should().Contain("timeout", 1);
        bench.Server.Sizes.Skip(1).Should().OnlyContain(static size => size <= 5);
    }

    [Fact]
    public void A_document_on_which_the_connection_breaks_alone_is_a_dead_letter_once_others_were_stored_all_the_while()
    {
        bench.Server.Whole = static sent => sent.Any(static document => document.Number == 3) ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "closed") : null;
        bench.Source.Add(3, 5000);
        bench.Run();
        for (var minute = 0; minute < 90; minute++)
        {
            bench.Source.Add(1);
            bench.Pass(TimeSpan.FromMinutes(1));
        }
        bench.Pass(TimeSpan.FromMinutes(5));

        bench.DeadLetters.Should().ContainSingle().Which.GetProperty("target").GetProperty("id").GetString().Should().Be("id-3");
        bench.Source.Settled.Should().HaveCount(93);
    }

    [Fact]
    public void A_server_that_cannot_be_reached_is_tried_with_pauses_up_to_the_longest()
    {
        bench.Server.Whole = static _ => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
        bench.Source.Add(1);
        bench.Run();
        bench.Pass(TimeSpan.FromSeconds(63)); // 1 + 2 + 4 + 8 + 16 + 32
        bench.Server.Sizes.Should().HaveCount(7);
        bench.Pass(TimeSpan.FromMinutes(10));
        bench.Server.Sizes.Should().HaveCount(17);
        bench.Tally.Failures.Should().Contain("unreachable", 17);
        bench.Log.Lines.Should().ContainSingle().Which.Text.Should().Contain("Connection refused");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(405)]
    [InlineData(406)]
    public void What_is_no_Elasticsearch_is_told_and_blames_no_document(int status)
    {
        bench.Server.Whole = _ => Answer((HttpStatusCode)status, "not here");
        bench.Source.Add(1);
        bench.Run();
        bench.Pass(TimeSpan.FromMinutes(5));
        bench.DeadLetters.Should().BeEmpty();
        bench.Log.Lines.Should().ContainSingle().Which.Number.Should().Be(6014);
        bench.Server.Sizes.Should().HaveCount(6);
    }

    [Fact]
    public void What_no_request_can_carry_is_a_dead_letter_that_was_never_sent()
    {
        bench.Source.Add("two-lines-1", "{\n}"u8.ToArray());
        bench.Source.Add("", "{}"u8.ToArray());
        bench.Source.Add(new string('i', 513), "{}"u8.ToArray());
        bench.Source.Add("\ud800", "{}"u8.ToArray());
        bench.Source.Add("no-object-5", "[]"u8.ToArray());
        bench.Source.Add("fine-6", "{}"u8.ToArray(), index: "");
        bench.Source.Add("fine-7", "{}"u8.ToArray());
        bench.Run();

        bench.Server.Stored.Keys.Should().ContainSingle().Which.Id.Should().Be("fine-7");
        bench.Source.Settled.Should().HaveCount(7);
        bench.DeadLetters.Should().HaveCount(6).And.OnlyContain(static letter => letter.GetProperty("error").GetProperty("type").GetString() == "not_sent" && letter.GetProperty("attempts").GetInt32() == 0);
        bench.DeadLetters[0].GetProperty("source_base64").GetBytesFromBase64().Should().Equal("{\n}"u8.ToArray());
    }
}
