using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class DynologClientTests
{
    private const string Answer = """{"activityProfilersBusy":0,"activityProfilersTriggered":[42],"eventProfilersBusy":0,"eventProfilersTriggered":[],"processesMatched":[42]}""";

    [Fact]
    public async Task The_request_is_dynologs_and_the_answer_is_read()
    {
        using var dynolog = new FakeDynolog(static _ => FakeDynolog.Frame(Answer));

        var answer = await new DynologClient(dynolog.Port, TimeProvider.System).RequestAsync("A=1\nB=2\n", 7, 42, TestContext.Current.CancellationToken);

        answer.Triggered.Should().Equal(42);
        var request = JsonDocument.Parse(dynolog.Requests.Single()).RootElement;
        request.GetProperty("fn").GetString().Should().Be("setKinetOnDemandRequest");
        request.GetProperty("config").GetString().Should().Be("A=1\nB=2\n");
        request.GetProperty("job_id").GetInt64().Should().Be(7);
        request.GetProperty("pids").EnumerateArray().Select(static pid => pid.GetInt32()).Should().Equal(42);
        request.GetProperty("process_limit").GetInt32().Should().Be(1);
    }

    [Theory]
    [InlineData(new byte[] { 255, 255, 255, 127 }, "announces an answer of 2147483647 bytes")]
    [InlineData(new byte[] { 255, 255, 255, 255 }, "announces an answer of -1 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "announces an answer of 0 bytes")]
    [InlineData(new byte[] { 2, 0, 0, 0, (byte)'{' }, "dynolog on port")]
    [InlineData(new byte[] { 2, 0, 0, 0, (byte)'{', (byte)'{' }, "dynolog on port")]
    [InlineData(null, "dynolog on port")]
    public async Task What_is_no_answer_is_said_in_words(byte[]? bytes, string words)
    {
        using var dynolog = new FakeDynolog(_ => bytes);

        var ask = () => new DynologClient(dynolog.Port, TimeProvider.System).RequestAsync("A=1\n", 0, 42, TestContext.Current.CancellationToken);

        (await ask.Should().ThrowAsync<IOException>()).WithMessage($"*{words}*");
    }

    [Fact]
    public async Task A_dynolog_that_hangs_is_not_waited_for()
    {
        var time = new ManualTimeProvider();
        using var asked = new SemaphoreSlim(0);
        using var dynolog = new FakeDynolog(_ =>
        {
            asked.Release();
            return [];
        });
        var ask = new DynologClient(dynolog.Port, time).RequestAsync("A=1\n", 0, 42, TestContext.Current.CancellationToken);
        await asked.WaitAsync(TestContext.Current.CancellationToken);

        time.Advance(DynologClient.Patience);

        (await ((Func<Task>)(() => ask)).Should().ThrowAsync<IOException>()).WithMessage("*has not answered within 5 s*");
    }

    [Fact]
    public async Task A_port_where_nobody_is_says_so()
    {
        int port;
        using (var dynolog = new FakeDynolog()) port = dynolog.Port;

        DynologClient.IsThere(port).Should().BeFalse();
        await ((Func<Task>)(() => new DynologClient(port, TimeProvider.System).RequestAsync("A=1\n", 0, 42, TestContext.Current.CancellationToken))).Should().ThrowAsync<IOException>();
    }
}
