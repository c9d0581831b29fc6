using Monitoring.Agent.Devices.Sockets;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>Where the endpoint stands.</summary>
internal enum KinetoEndpointState
{
    /// <summary>Switched off, or not begun.</summary>
    Off,
    Listening,

    /// <summary>dynolog has the socket and takes requests.</summary>
    Dynolog,

    /// <summary>Somebody has the socket who takes no requests; it is tried again.</summary>
    Occupied,

    /// <summary>It cannot be opened; it is tried again.</summary>
    Failed,
}

/// <summary>
/// The endpoint that PyTorch's profiler looks for: one socket, bound once, for receiving and sending, and a thread that does nothing but
/// answer. An answer from any other socket would end the job that gets it.
/// </summary>
internal sealed partial class KinetoEndpoint(KinetoSettings settings, KinetoAddresses addresses, TimeProvider time, ILogger<KinetoEndpoint> logger) : IHostedService, IDisposable
{
    // Long enough to cost nothing, short enough that a stop does not wait for it.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    private readonly StopSignal stop = new();
    private Thread? thread;
    private ITimer? sweeper;
    private int state;
    private string trouble = "";
    private volatile bool isLost;
    private bool saidUnanswerable;
    private bool saidMalformed;

    /// <summary>Decides what is answered.</summary>
    internal KinetoDesk Desk { get; } = new(addresses, time);

    internal KinetoEndpointState State => (KinetoEndpointState)Volatile.Read(ref state);

    /// <summary>Why it does not listen; empty while it does.</summary>
    internal string Trouble => Volatile.Read(ref trouble);

    /// <summary>Shows what it does; nothing where it is switched off.</summary>
    internal void Register(NodeReadings readings)
    {
        if (!settings.Enabled) return;
        readings.Add(MetricTable.KinetoProcesses, () => [new NodeReading(Desk.Processes.Known.Count)]);
        readings.Add(MetricTable.KinetoDatagrams, () =>
        {
            var counts = Desk.Counts;
            return
            [
                new NodeReading(counts.Answered, "answered"), new NodeReading(counts.Malformed, "malformed"), new NodeReading(counts.Unanswerable, "wrong_address"),
                new NodeReading(counts.Undelivered, "undelivered"), new NodeReading(counts.Crowded, "crowded"),
            ];
        });
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!settings.Enabled) return Task.CompletedTask;
        thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "kineto", Priority = ThreadPriority.AboveNormal };
        thread.Start();
        // Not on the thread that answers: a folder can be slow.
        if (addresses.AreFiles) sweeper = time.CreateTimer(_ => LookAfterFolder(), null, TimeSpan.Zero, SweepInterval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        sweeper?.Dispose();
        stop.Set();
        thread?.Join(EndPatience);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sweeper?.Dispose();
        stop.Set();
    }

    private void Run()
    {
        while (!stop.IsSet)
        {
            try
            {
                if (Open() is { } socket)
                {
                    using (socket) Serve(socket);
                    if (addresses.AreFiles) File.Delete(addresses.Agent.Path);
                    if (isLost) continue;
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
            {
                Enter(KinetoEndpointState.Failed, fault.Message);
                Failed(fault.Message);
            }
            if (!stop.IsSet) stop.Wait(RetryInterval);
        }
        Enter(KinetoEndpointState.Off, "");
    }

    private void Serve(DatagramSocket socket)
    {
        isLost = false;
        Enter(KinetoEndpointState.Listening, "");
        Listening(addresses.Agent);
        var buffer = new byte[KinetoFrames.LongestRequest];
        while (!stop.IsSet && !isLost)
        {
            if (socket.Receive(buffer, out var length) is not { } sender)
            {
                socket.Wait(Poll);
                continue;
            }
            // What had no room is longer than any request; its length alone says so.
            if (Desk.Answer(sender, length <= buffer.Length ? buffer.AsSpan(0, length) : []) is { } answer) Desk.Sent(answer, socket.Send(answer.Frame, answer.To));
            else Complain(sender, Desk.Counts);
        }
    }

    /// <summary>Binds the socket; null where somebody else has the address.</summary>
    private DatagramSocket? Open()
    {
        // Once dynolog was seen it keeps the address, also over its own restart.
        if (State == KinetoEndpointState.Dynolog) return null;
        if (addresses.AreFiles) MakeFolder();
        var socket = DatagramSocket.Bind(addresses.Agent);
        if (socket is null && addresses.AreFiles && !DatagramSocket.IsAnswered(addresses.Agent))
        {
            // Left by an agent that was killed.
            File.Delete(addresses.Agent.Path);
            socket = DatagramSocket.Bind(addresses.Agent);
        }
        if (socket is not null)
        {
            const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            if (addresses.AreFiles && !OperatingSystem.IsWindows()) File.SetUnixFileMode(addresses.Agent.Path, Everyone);
            return socket;
        }
        var isDynolog = DynologClient.IsThere(settings.DynologPort);
        var words = isDynolog
            ? $"dynolog has the socket {addresses.Agent}; requests go to its port {settings.DynologPort}"
            : $"another program has the socket {addresses.Agent} and nothing takes requests on port {settings.DynologPort}: end the other program, or set capture.kineto.dynolog_port";
        if (State is not (KinetoEndpointState.Dynolog or KinetoEndpointState.Occupied) || Trouble != words) Taken(words);
        Enter(isDynolog ? KinetoEndpointState.Dynolog : KinetoEndpointState.Occupied, words);
        return null;
    }

    // A file that somebody cleaned away can be found by no client any more.
    private void LookAfterFolder()
    {
        addresses.Sweep();
        if (State == KinetoEndpointState.Listening && !addresses.IsBound) isLost = true;
    }

    private void MakeFolder()
    {
        if (Directory.Exists(settings.SocketDirectory)) return;
        // As /tmp: every job's user makes a socket of his own there, and nobody removes another's.
        const UnixFileMode EveryoneKeepsHisOwn = (UnixFileMode)0b1_111_111_111;
        Directory.CreateDirectory(settings.SocketDirectory);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(settings.SocketDirectory, EveryoneKeepsHisOwn);
    }

    private void Enter(KinetoEndpointState next, string words)
    {
        Volatile.Write(ref trouble, words);
        Volatile.Write(ref state, (int)next);
    }

    // Said once: whoever sends such a thing can send it a thousand times a second.
    private void Complain(DatagramSender sender, KinetoCounts counts)
    {
        if (counts.Unanswerable > 0 && !saidUnanswerable)
        {
            saidUnanswerable = true;
            NotAnswered(sender.Pid, sender.Address, addresses.Agent);
        }
        else if (counts.Malformed > 0 && !saidMalformed)
        {
            saidMalformed = true;
            NoRequest(sender.Pid, sender.Uid);
        }
    }

    [LoggerMessage(EventId = 2180, Level = LogLevel.Information, Message = "Answering PyTorch processes at {Socket}; a job that imports a PyTorch older than 2.10 with KINETO_USE_DAEMON set may abort")]
    private partial void Listening(DatagramAddress socket);

    [LoggerMessage(EventId = 2181, Level = LogLevel.Warning, Message = "PyTorch processes are not answered by the agent: {Words}")]
    private partial void Taken(string words);

    [LoggerMessage(EventId = 2182, Level = LogLevel.Warning, Message = "The socket for PyTorch processes does not work: {Reason}; it is tried again")]
    private partial void Failed(string reason);

    [LoggerMessage(EventId = 2183, Level = LogLevel.Warning, Message = "Process {Pid} asks from {Address}, which must not be answered from {Socket}; it would abort. Such requests are counted from now on")]
    private partial void NotAnswered(int pid, DatagramAddress? address, DatagramAddress socket);

    [LoggerMessage(EventId = 2184, Level = LogLevel.Warning, Message = "Process {Pid} of user {Uid} sent what is no request; such datagrams are counted from now on")]
    private partial void NoRequest(int pid, uint uid);
}
