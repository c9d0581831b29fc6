using System.Net.Sockets;
using System.Text;
using FluentAssertions;
using Monitoring.Simulator;
using Monitoring.Simulator.Control;
using Xunit;

namespace Monitoring.Tests.Simulator;

public sealed class ControlTests
{
    [Fact]
    public async Task A_running_node_takes_incidents_and_ends_them()
    {
        using var test = new NodeUnderTest();
        await WhileRunningAsync(test, async () =>
        {
            var start = await SendAsync(test, new ControlRequest("start", "hang", 1, "20s", null));
            start.Should().Be(new ControlReply(true, "hang started on GPU 1 for 20s"));
            test.Node.Gpus[1].Hang.Should().BeTrue();
            (await SendAsync(test, new ControlRequest("start", "power_brake", null, null, null))).Text.Should().Be("power_brake started on all GPUs");
            test.Node.Incidents.Should().HaveCount(3);
            (await SendAsync(test, new ControlRequest("stop", "hang", 1, null, null))).Text.Should().Be("1 incident ended on GPU 1");
            test.Node.Gpus[1].Hang.Should().BeFalse();
            (await SendAsync(test, new ControlRequest("stop", null, null, null, null))).Text.Should().Be("2 incidents ended on all GPUs");
        });
        File.Exists(Path.Combine(test.Node.Directory, ControlSocket.FileName)).Should().BeFalse();
    }

    [Fact]
    public async Task The_clock_moves_the_model_of_a_running_node()
    {
        using var test = new NodeUnderTest();
        await WhileRunningAsync(test, () =>
        {
            for (var tick = 0; tick < 40; tick++) test.Time.Advance(TimeSpan.FromMilliseconds(50));
            Eventually.Holds("the model moves", () => test.Node.Elapsed >= TimeSpan.FromSeconds(1));
            return Task.CompletedTask;
        });
        test.Node.Elapsed.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("""{"action":"start","incident":"fire","gpu":0}""", "incident is 'fire', expected one of *")]
    [InlineData("""{"action":"start","incident":"hang","gpu":7}""", "gpu is 7, expected 0 to 1")]
    [InlineData("""{"action":"start","incident":"hang","gpu":0,"duration":"long"}""", "for is 'long', expected a duration *")]
    [InlineData("""{"action":"start","incident":"straggler","gpu":0,"parameters":{"speed":"9"}}""", "speed is '9', expected a number from 0.05 to 0.99")]
    [InlineData("""{"action":"jump"}""", "action is 'jump', expected start or stop")]
    [InlineData("""{"action":"stop","incident":"fire"}""", "incident is 'fire', expected one of *")]
    [InlineData("not json", "the request is not JSON: *")]
    [InlineData("null", "action is '', expected start or stop")]
    public void A_wrong_request_is_refused_in_words_and_changes_nothing(string line, string expected)
    {
        using var test = new NodeUnderTest();
        using var server = new ControlServer(test.Node, TimeProvider.System);
        var reply = server.Answer(line);
        reply.Done.Should().BeFalse();
        reply.Text.Should().Match(expected);
        test.Node.Incidents.Should().BeEmpty();
    }

    [Fact]
    public async Task A_client_that_sends_rubbish_does_not_stop_the_node_from_listening()
    {
        using var test = new NodeUnderTest();
        await WhileRunningAsync(test, async () =>
        {
            using (var rubbish = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                await rubbish.ConnectAsync(ControlSocket.EndPoint(test.Node.Directory), TestContext.Current.CancellationToken);
                await rubbish.SendAsync(Encoding.ASCII.GetBytes(new string('x', 100)), TestContext.Current.CancellationToken);
            }
            (await SendAsync(test, new ControlRequest("stop", null, null, null, null))).Done.Should().BeTrue();
        });
    }

    [Fact]
    public async Task Without_a_running_node_the_client_says_how_to_start_one()
    {
        var directory = NodeUnderTest.NewDirectory();
        var act = () => ControlClient.SendAsync(directory, new ControlRequest("stop", null, null, null, null), TestContext.Current.CancellationToken);
        (await act.Should().ThrowAsync<ControlException>()).WithMessage($"no simulated node runs in '{directory}' (*): start one with gpu-simulator run --directory *");
        Directory.Delete(directory);
    }

    [Fact]
    public void A_directory_that_is_too_long_for_a_socket_is_refused_with_the_limit()
    {
        var act = () => ControlSocket.EndPoint("/tmp/" + new string('d', 120));
        act.Should().Throw<ControlException>().WithMessage("*at most 107; use a shorter one");
    }

    private static Task<ControlReply> SendAsync(NodeUnderTest test, ControlRequest request) =>
        ControlClient.SendAsync(test.Node.Directory, request, TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience);

    private static async Task WhileRunningAsync(NodeUnderTest test, Func<Task> action)
    {
        using var stop = new CancellationTokenSource();
        var running = NodeRunner.RunAsync(test.Node, TimeSpan.FromMilliseconds(50), test.Time, stop.Token);
        await action();
        await stop.CancelAsync();
        await running.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
    }
}
