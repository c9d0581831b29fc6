using System.Diagnostics;
using System.Net.Sockets;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Devices.Sockets;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>Real sockets on both sides.</summary>
public sealed class KinetoEndpointTests : IDisposable
{
    private readonly string name = $"dynolog-{Guid.NewGuid():N}";
    private readonly string folder = Directory.CreateTempSubdirectory("kineto-").FullName;
    private readonly List<KinetoEndpoint> running = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_is_known_and_answered_in_time_from_the_bound_name(bool inFolder)
    {
        var endpoint = Start(inFolder);
        using var client = new LibkinetoClient(inFolder ? folder : "", name);
        var times = new List<TimeSpan>();

        for (var round = 0; round < 50; round++)
        {
            var begun = Stopwatch.StartNew();
            // A machine that is busy with other tests may be late; the answer is then found at the next asking.
            if (client.Ask(jobId: 7) is { } answer) answer.Should().Be("");
            times.Add(begun.Elapsed);
        }

        client.Death.Should().BeNull();
        times.Order().ElementAt(25).Should().BeLessThan(TimeSpan.FromMilliseconds(50), "older clients look no longer than that");
        Convert.ToHexString(client.LastFrame).Should().Be("0000000000000000" + "7265710000000000000000000000000000000000000000000000000000000000");
        endpoint.Desk.Processes.Known.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Pid = (long)Environment.ProcessId, JobId = 7L });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_configuration_arrives_once(bool inFolder)
    {
        var endpoint = Start(inFolder);
        using var client = Client(inFolder);
        using var other = Client(inFolder);
        client.Ask();
        var process = endpoint.Desk.Processes.Known.Single();
        endpoint.Desk.Offer(process, "A=1\n"u8.ToArray(), TimeSpan.FromMinutes(1));

        other.Ask().Should().Be("");
        client.Ask(wants: 0).Should().Be("");
        client.Ask().Should().Be("A=1\n");
        client.Ask().Should().Be("");
        (client.Death, other.Death).Should().Be((null, null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restart_in_between_is_not_felt(bool inFolder)
    {
        using var client = Client(inFolder);
        client.Ask().Should().BeNull("nobody is there yet");
        var first = Start(inFolder);
        client.Ask().Should().Be("");
        first.StopAsync(default);
        client.Ask().Should().BeNull();

        var second = Start(inFolder);

        client.Ask().Should().Be("");
        second.Desk.Processes.Known.Should().ContainSingle();
        client.Death.Should().BeNull();
    }

    [Fact]
    public void The_file_of_an_agent_that_was_killed_is_taken_over()
    {
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)) killed.Bind(new UnixDomainSocketEndPoint($"{folder}/{name}"));
        // .NET removes the file of a socket that it closes; a killed process does not.
        if (!File.Exists($"{folder}/{name}")) using (DatagramSocket.Bind(DatagramAddress.File($"{folder}/{name}"))) { }
        File.Exists($"{folder}/{name}").Should().BeTrue();

        Start(inFolder: true);

        using var client = Client(inFolder: true);
        client.Ask().Should().Be("");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode($"{folder}/{name}").Should().Be((UnixFileMode)0b110_110_110);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_has_the_socket_already_keeps_it(bool inFolder)
    {
        Start(inFolder);

        var second = Make(inFolder);
        second.StartAsync(default);

        Eventually.Holds("the socket is seen to be taken", () => second.State == KinetoEndpointState.Occupied);
        second.Trouble.Should().Contain("another program has the socket").And.Contain("capture.kineto.dynolog_port");
        using var client = Client(inFolder);
        client.Ask().Should().Be("", "the first still answers");
    }

    [Fact]
    public void With_dynolog_there_its_port_is_used()
    {
        using var dynolog = new FakeDynolog();
        Start(inFolder: false);

        var second = Make(inFolder: false, dynolog.Port);
        second.StartAsync(default);

        Eventually.Holds("dynolog is seen", () => second.State == KinetoEndpointState.Dynolog);
    }

    [Fact]
    public void Switched_off_nothing_is_bound()
    {
        using var endpoint = new KinetoEndpoint(new KinetoSettings(), new KinetoAddresses("", name), TimeProvider.System, NullLogger<KinetoEndpoint>.Instance);
        endpoint.StartAsync(default);

        using var client = Client(inFolder: false);
        client.Ask().Should().BeNull();
        endpoint.State.Should().Be(KinetoEndpointState.Off);
        new KinetoSettings().Enabled.Should().BeFalse();
    }

    [Fact]
    public void A_client_of_the_other_kind_is_not_answered_since_that_would_abort_it()
    {
        // The client's names are files, the agent's is abstract: only bytes that did not come from its own library get here.
        var endpoint = Start(inFolder: false);
        using var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        client.Bind(new UnixDomainSocketEndPoint($"{folder}/dynoconfigclient-1"));

        client.SendTo(LibkinetoClient.Request(3, 0, 1), new UnixDomainSocketEndPoint($"\0{name}\0"));

        Eventually.Holds("the request is counted", () => endpoint.Desk.Counts.Unanswerable == 1);
        client.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead).Should().BeFalse();
    }

    [Fact]
    public void A_client_of_another_folder_is_not_answered_since_that_would_abort_it()
    {
        var endpoint = Start(inFolder: true);
        var elsewhere = Directory.CreateDirectory($"{folder}/sub").FullName;
        using var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        client.Bind(new UnixDomainSocketEndPoint($"{elsewhere}/dynoconfigclient-1"));

        client.SendTo(LibkinetoClient.Request(3, 0, 1), new UnixDomainSocketEndPoint($"{folder}/{name}"));

        Eventually.Holds("the request is counted", () => endpoint.Desk.Counts.Unanswerable == 1);
        client.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead).Should().BeFalse();
    }

    [Fact]
    public void Bytes_that_are_no_request_are_counted_and_everybody_else_answered()
    {
        var endpoint = Start(inFolder: false);
        using var client = Client(inFolder: false);
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new byte[random.Next(0, 3000)];
            random.NextBytes(bytes);
            client.Send(bytes);
        }

        client.Ask().Should().Be("");
        endpoint.Desk.Counts.Malformed.Should().Be(200);
        // Counted after it was sent.
        Eventually.Holds("the answer is counted", () => endpoint.Desk.Counts.Answered == 1);
    }

    [Fact]
    public void What_it_does_is_shown_and_nothing_while_it_is_off()
    {
        var readings = new NodeReadings();
        var endpoint = Start(inFolder: false);
        endpoint.Register(readings);
        using var client = Client(inFolder: false);
        client.Ask();
        client.Send([1]);
        client.Ask();
        // Counted after it was sent.
        Eventually.Holds("both answers are counted", () => endpoint.Desk.Counts.Answered == 2);

        readings.Read(MetricTable.KinetoProcesses).Should().ContainSingle().Which.Value.Should().Be(1);
        readings.Read(MetricTable.KinetoDatagrams).Select(static reading => reading.Value).Should().Equal(2, 1, 0, 0, 0);

        var off = new NodeReadings();
        using var switchedOff = new KinetoEndpoint(new KinetoSettings(), new KinetoAddresses("", name), TimeProvider.System, NullLogger<KinetoEndpoint>.Instance);
        switchedOff.Register(off);
        off.Read(MetricTable.KinetoProcesses).Should().BeEmpty();
    }

    [Fact]
    public void A_client_that_never_reads_holds_nobody_up()
    {
        var endpoint = Start(inFolder: false);
        using var deaf = Client(inFolder: false);
        using var client = Client(inFolder: false);
        for (var round = 0; round < 2000 && endpoint.Desk.Counts.Undelivered == 0; round++) deaf.Send(LibkinetoClient.Request(3, 0, 1));

        client.Ask().Should().Be("");
        Eventually.Holds("an answer is not taken", () => endpoint.Desk.Counts.Undelivered > 0);
    }

    [Fact]
    public void Sockets_of_clients_that_are_gone_are_swept_and_others_left()
    {
        var addresses = new KinetoAddresses(folder, name);
        using (DatagramSocket.Bind(DatagramAddress.File($"{folder}/dynoconfigclient-gone"))) { }
        using var client = Client(inFolder: true);
        File.WriteAllText($"{folder}/dynoconfigclient-note", "not a socket");

        addresses.Sweep().Should().Be(1);

        Directory.GetFiles(folder).Select(Path.GetFileName).Should().HaveCount(2).And.Contain("dynoconfigclient-note").And.NotContain("dynoconfigclient-gone");
    }

    [Fact]
    public void A_file_that_was_cleaned_away_is_made_again()
    {
        var time = new ManualTimeProvider();
        var endpoint = Make(inFolder: true, time: time);
        endpoint.StartAsync(default);
        Eventually.Holds("it listens", () => endpoint.State == KinetoEndpointState.Listening);
        File.Delete($"{folder}/{name}");

        time.Advance(TimeSpan.FromMinutes(1));

        Eventually.Holds("the file is there again", () => File.Exists($"{folder}/{name}"));
    }

    [Fact]
    public void A_link_in_the_folder_leads_no_answer_elsewhere()
    {
        var addresses = new KinetoAddresses(folder, name);
        using var socket = DatagramSocket.Bind(DatagramAddress.File($"{folder}/other"));
        File.CreateSymbolicLink($"{folder}/dynoconfigclient-1", $"{folder}/other");

        addresses.IsClient(new DatagramSender(DatagramAddress.File($"{folder}/dynoconfigclient-1"), 1, 0)).Should().BeFalse();
    }

    public void Dispose()
    {
        foreach (var endpoint in running)
        {
            endpoint.StopAsync(default);
            endpoint.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private KinetoEndpoint Make(bool inFolder, int dynologPort = 1, TimeProvider? time = null)
    {
        var settings = new KinetoSettings { Enabled = true, SocketDirectory = inFolder ? folder : "", DynologPort = dynologPort };
        var endpoint = new KinetoEndpoint(settings, new KinetoAddresses(settings.SocketDirectory, name), time ?? TimeProvider.System, NullLogger<KinetoEndpoint>.Instance);
        running.Add(endpoint);
        return endpoint;
    }

    private KinetoEndpoint Start(bool inFolder)
    {
        var endpoint = Make(inFolder);
        endpoint.StartAsync(default);
        Eventually.Holds("it listens", () => endpoint.State == KinetoEndpointState.Listening);
        return endpoint;
    }

    private LibkinetoClient Client(bool inFolder) => new(inFolder ? folder : "", name) { Looks = 6000 };
}
