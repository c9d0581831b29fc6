using System.Net;
using FluentAssertions;
using Xunit;
using static Monitoring.Tests.Elasticsearch.Delivery.ScriptedBulk;

namespace Monitoring.Tests.Elasticsearch.Delivery;

public sealed class DocumentPumpTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DeliveryBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Documents_wait_for_others_until_the_first_is_old_enough()
    {
        bench.Start();
        bench.Source.Add(1);
        bench.Pass(TimeSpan.FromMilliseconds(600));
        bench.Source.Add(1);
        bench.Pass(TimeSpan.FromMilliseconds(399));
        bench.Server.Sizes.Should().BeEmpty();
        bench.Pass(TimeSpan.FromMilliseconds(1));
        bench.Server.Sizes.Should().Equal(2);
    }

    [Fact]
    public void A_request_that_is_full_by_number_goes_at_once()
    {
        bench.Connection.MaxBatchDocuments = 10;
        bench.Source.Add(35);
        bench.Start();
        bench.Server.Sizes.Should().Equal(10, 10, 10);
        bench.Pass(Second);
        bench.Server.Sizes.Should().Equal(10, 10, 10, 5);
    }

    [Fact]
    public void Documents_do_not_wait_for_others_that_the_window_keeps_out()
    {
        bench.Options = bench.Options with { WindowDocuments = 10 };
        bench.Source.Add(35);
        bench.Start();
        bench.Server.Sizes.Should().Equal(10, 10, 10);
    }

    [Fact]
    public void A_request_that_is_full_by_bytes_goes_at_once()
    {
        bench.Connection.MaxBatchBytes = 64 << 10;
        bench.Source.Add(30, 10_000);
        bench.Start();
        bench.Server.Sizes.Should().Equal(6, 6, 6, 6);
        bench.Pass(Second);
        bench.Server.Stored.Should().HaveCount(30);
    }

    [Fact]
    public void Documents_that_are_tried_again_do_not_hold_up_others_and_are_bounded()
    {
        bench.Options = bench.Options with { WindowDocuments = 50 };
        bench.Connection.MaxBatchDocuments = 20;
        bench.Server.Item = static sent => sent.Number <= 30 ? Error(503, "unavailable_shards_exception", "primary shard is not active") : null;
        bench.Source.Add(1000);
        bench.Run();
        for (var minute = 0; minute < 20; minute++) bench.Pass(TimeSpan.FromMinutes(1));

        bench.Source.Settled.Should().HaveCount(970);
        bench.Delivery.Unsettled.Should().Be(30);

        bench.Server.Item = static sent => Error(503, "unavailable_shards_exception", "primary shard is not active");
        bench.Source.Add(1000);
        for (var minute = 0; minute < 20; minute++) bench.Pass(TimeSpan.FromMinutes(1));
        bench.Delivery.Unsettled.Should().Be(50);
        bench.Source.Waiting.Should().Be(1030);
    }

    [Fact]
    public void Bytes_of_documents_in_memory_are_bounded()
    {
        bench.Options = bench.Options with { WindowBytes = 100_000 };
        bench.Server.Whole = static _ => Answer(HttpStatusCode.ServiceUnavailable);
        bench.Source.Add(100, 10_000);
        bench.Run();
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Delivery.Unsettled.Should().BeInRange(9, 11);
    }

    [Fact]
    public void Documents_that_are_tried_again_go_together()
    {
        var isBusy = true;
        bench.Options = bench.Options with { Random = new Random(1).NextDouble };
        bench.Server.Item = sent => isBusy && sent.Number % 2 == 0 ? Error(503, "x", "later") : null;
        bench.Source.Add(100);
        bench.Run();
        isBusy = false;
        bench.Pass(2 * Second);
        bench.Server.Sizes.Should().Equal(100, 50);
    }

    [Fact]
    public void A_busy_server_is_asked_for_less_and_then_slowly_for_more()
    {
        bench.Connection.MaxBatchBytes = 1 << 20;
        var busy = true;
        bench.Server.Item = sent => busy ? Error(429, "es_rejected_execution_exception", "queue capacity") : null;
        bench.Source.Add(500, 5000);
        bench.Run();
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Tally.BatchBytesLimit.Should().BeLessThan(100_000);
        var least = bench.Tally.BatchBytesLimit;
        busy = false;
        bench.Pass(TimeSpan.FromMinutes(2));
        bench.Source.Settled.Should().HaveCount(500);
        bench.Tally.BatchBytesLimit.Should().BeGreaterThan(least).And.BeLessThanOrEqualTo(1 << 20);
    }

    [Fact]
    public void Several_requests_are_under_way_at_once_and_no_more()
    {
        var answers = new List<TaskCompletionSource>();
        using var slow = new SlowHandler(bench.Server, answers);
        bench.Options = bench.Options with { RequestsAtOnce = 2, Handler = slow };
        bench.Connection.MaxBatchDocuments = 10;
        bench.Source.Add(50);
        bench.Start();
        answers.Should().HaveCount(2);
        answers[1].SetResult(); // the second is answered before the first
        answers.Should().HaveCount(3);
        bench.Source.Settled.Should().HaveCount(10).And.StartWith([11]);
        for (var at = 0; at < answers.Count; at++) answers[at].TrySetResult();
        bench.Source.Settled.Should().HaveCount(50);
    }

    [Fact]
    public void Dead_letters_that_cannot_be_kept_hold_their_documents()
    {
        File.WriteAllText(Path.Combine(bench.DeadLetterDirectory, "file"), "");
        bench.Options = bench.Options with { DeadLetterDirectory = Path.Combine(bench.DeadLetterDirectory, "file") };
        bench.Server.Item = static _ => Error(400, "mapper_parsing_exception", "no");
        bench.Source.Add(2);
        bench.Run();
        bench.Pass(TimeSpan.FromMinutes(10));
        bench.Source.Settled.Should().BeEmpty();
        bench.Server.Sizes.Should().Equal(2);
        bench.Tally.DeadLetters.Should().Be(0);
        bench.Log.Lines.Should().Contain(static line => line.Number == 6016);

        File.Delete(Path.Combine(bench.DeadLetterDirectory, "file"));
        bench.Pass(TimeSpan.FromMinutes(2));
        bench.Source.Settled.Should().Equal(1, 2);
        bench.Tally.DeadLetters.Should().Be(2);
    }

    [Fact]
    public void A_source_that_cannot_be_read_is_read_later()
    {
        bench.Source.Add(1);
        bench.Source.ReadFault = new IOException("disk");
        bench.Run();
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Log.Lines.Should().ContainSingle().Which.Number.Should().Be(6017);
        bench.Source.ReadFault = null;
        bench.Pass(TimeSpan.FromMinutes(2));
        bench.Source.Settled.Should().Equal(1);
    }

    [Fact]
    public void What_cannot_be_made_durable_is_tried_again()
    {
        bench.Source.Add(1);
        bench.Source.CommitFault = new IOException("disk");
        bench.Run();
        bench.Pass(TimeSpan.FromSeconds(5));
        bench.Source.CommitFault = null;
        bench.Pass(TimeSpan.FromSeconds(5));
        bench.Source.Commits.Should().Be(1);
    }

    [Fact]
    public void What_is_not_settled_at_the_end_comes_again_and_is_there_once()
    {
        bench.Server.Answered = static _ => throw new IOException("the answer is lost");
        bench.Source.Add(20);
        bench.Run();
        bench.Stop();
        bench.Source.Settled.Should().BeEmpty();

        bench.Server.Answered = static json => Answer(HttpStatusCode.OK, json);
        bench.Source.Reopen();
        bench.Run();
        bench.Server.Stored.Should().HaveCount(20);
        bench.Tally.Duplicates.Should().Be(20);
    }

    [Fact]
    public void Nothing_is_sent_before_everything_is_prepared()
    {
        var isReady = false;
        bench.Options = bench.Options with { Prepare = (_, _) => isReady ? Task.CompletedTask : throw new InvalidOperationException("no templates yet") };
        bench.Source.Add(1);
        bench.Run();
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Server.Sizes.Should().BeEmpty();
        bench.Log.Lines.Should().ContainSingle().Which.Text.Should().Contain("no templates yet");
        isReady = true;
        bench.Pass(TimeSpan.FromMinutes(2));
        bench.Server.Stored.Should().HaveCount(1);
    }

    [Fact]
    public void Each_document_is_once_stored_or_a_dead_letter_whatever_the_server_does()
    {
        const int Documents = 20_000;
        var random = new Random(20260101);
        bench.Options = bench.Options with { Random = random.NextDouble, WindowDocuments = 3000, RequestsAtOnce = 2 };
        bench.Connection.MaxBatchDocuments = 500;
        bench.Server.Whole = sent => random.Next(20) switch
        {
            0 when sent.Count > 50 => Answer(HttpStatusCode.RequestEntityTooLarge),
            0 => Answer(HttpStatusCode.TooManyRequests),
            1 => Answer(HttpStatusCode.ServiceUnavailable, "<html>"),
            3 => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
            4 => Answer(HttpStatusCode.Unauthorized),
            _ => sent.Any(static document => document.Number % 1000 == 999) ? Answer(HttpStatusCode.BadRequest, WholeError(400, "illegal_argument_exception", "malformed")) : null,
        };
        bench.Server.Item = sent => sent.Number % 100 == 7 ? Error(400, "mapper_parsing_exception", "no")
            : random.Next(30) switch { 0 => Error(429, "es_rejected_execution_exception", "full"), 1 => Error(503, "x", ""), 2 => Error(429, "cluster_block_exception", "/12/"), _ => null };
        bench.Server.Answered = json => random.Next(15) switch
        {
            0 => throw new IOException("broken"),
            1 => Answer(HttpStatusCode.OK, "<html>"),
            2 => Answer(HttpStatusCode.OK, """{"errors":false,"items":[]}"""),
            3 => throw new OperationCanceledException(),
            _ => Answer(HttpStatusCode.OK, json),
        };
        bench.Source.Add(Documents, 40);
        bench.Start();
        var most = 0;
        for (var minute = 0; minute < 3000 && bench.Source.Waiting > 0; minute++)
        {
            bench.Pass(TimeSpan.FromSeconds(30));
            most = Math.Max(most, bench.Delivery.Unsettled);
        }

        most.Should().BeLessThanOrEqualTo(3000);
        bench.Source.Waiting.Should().Be(0);
        var dead = bench.DeadLetters.Select(static letter => letter.GetProperty("target").GetProperty("id").GetString()!).ToList();
        dead.Should().OnlyHaveUniqueItems().And.HaveCount(Documents / 100 + Documents / 1000);
        bench.Server.Stored.Keys.Select(static key => key.Id).Concat(dead).Should().OnlyHaveUniqueItems().And.HaveCount(Documents);
        (bench.Tally.Sent + bench.Tally.Duplicates + bench.Tally.DeadLetters).Should().Be(Documents);
    }

    private sealed class SlowHandler(HttpMessageHandler inner, List<TaskCompletionSource> answers) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = new TaskCompletionSource();
            answers.Add(answer);
            await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }
}
