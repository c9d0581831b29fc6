using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>dynolog's request for a trace.</summary>
internal sealed record DynologRequest(
    [property: JsonPropertyName("fn")] string Function, [property: JsonPropertyName("config")] string Configuration, [property: JsonPropertyName("job_id")] long JobId,
    [property: JsonPropertyName("pids")] IReadOnlyList<int> Pids, [property: JsonPropertyName("process_limit")] int ProcessLimit);

/// <summary>dynolog's answer.</summary>
/// <param name="Matched">Processes that have one of the numbers, their own or an ancestor's.</param>
/// <param name="Triggered">Those that will get the configuration when they ask.</param>
/// <param name="Busy">How many have one already.</param>
internal sealed record DynologAnswer(
    [property: JsonPropertyName("processesMatched")] IReadOnlyList<int>? Matched, [property: JsonPropertyName("activityProfilersTriggered")] IReadOnlyList<int>? Triggered,
    [property: JsonPropertyName("activityProfilersBusy")] int Busy);

/// <summary>dynolog's messages as JSON; the names are dynolog's own.</summary>
[JsonSerializable(typeof(DynologRequest))]
[JsonSerializable(typeof(DynologAnswer))]
internal sealed partial class DynologJson : JsonSerializerContext;

/// <summary>Asks a dynolog on this machine: i32 length and JSON, there and back, one request a connection.</summary>
internal sealed class DynologClient(int port, TimeProvider time)
{
    /// <summary>dynolog answers from memory; a longer wait is a hang.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // An answer names processes: some 20 bytes each, of a few hundred at most.
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(1);

    /// <summary>Whether somebody listens where dynolog does.</summary>
    internal static bool IsThere(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            return socket.ConnectAsync(IPAddress.Loopback, port).Wait(ConnectPatience);
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    /// <summary>Has dynolog hand a configuration to one process.</summary>
    /// <exception cref="IOException">dynolog does not answer, or not what it should; the message says which.</exception>
    internal async Task<DynologAnswer> RequestAsync(string configuration, long jobId, int pid, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, both.Token);
            await using var stream = client.GetStream();
            var json = JsonSerializer.SerializeToUtf8Bytes(new DynologRequest("setKinetOnDemandRequest", configuration, jobId, [pid], 1), DynologJson.Default.DynologRequest);
            var message = new byte[sizeof(int) + json.Length];
            BinaryPrimitives.WriteInt32LittleEndian(message, json.Length);
            json.CopyTo(message, sizeof(int));
            await stream.WriteAsync(message, both.Token);

            var head = new byte[sizeof(int)];
            await stream.ReadExactlyAsync(head, both.Token);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is <= 0 or > LongestAnswer) throw new IOException($"dynolog on port {port} announces an answer of {length} bytes; 1 to {LongestAnswer} are possible");
            var body = new byte[length];
            await stream.ReadExactlyAsync(body, both.Token);
            return JsonSerializer.Deserialize(body, DynologJson.Default.DynologAnswer) ?? throw new IOException($"dynolog on port {port} answers nothing");
        }
        catch (Exception fault) when (fault is SocketException or JsonException or EndOfStreamException)
        {
            throw new IOException($"dynolog on port {port}: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"dynolog on port {port} has not answered within {Patience.TotalSeconds:0} s", fault);
        }
    }
}
