using System.Net.Sockets;
using System.Text.Json;
using Monitoring.Simulator.Incidents;
using Monitoring.Simulator.Scenarios;

namespace Monitoring.Simulator.Control;

/// <summary>Answers the requests of <c>gpu-simulator inject</c> and <c>clear</c> for one node.</summary>
internal sealed class ControlServer : IDisposable
{
    /// <summary>A client that says nothing must not keep the others waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SimulatedNode _node;
    private readonly TimeProvider _time;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public ControlServer(SimulatedNode node, TimeProvider time)
    {
        _node = node;
        _time = time;
        var endPoint = ControlSocket.EndPoint(node.Directory);
        File.Delete(Path.Combine(node.Directory, ControlSocket.FileName));
        _socket.Bind(endPoint);
        _socket.Listen(16);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
            try
            {
                using var client = await _socket.AcceptAsync(cancellation).ConfigureAwait(false);
                using var patience = new CancellationTokenSource(Patience, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
                if (await ControlSocket.ReadLineAsync(client, either.Token).ConfigureAwait(false) is { } line)
                    await ControlSocket.WriteLineAsync(client, JsonSerializer.Serialize(Answer(line), ControlJson.Default.ControlReply), either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The loop's condition tells whether the node ends; a slow client is dropped.
            }
            catch (SocketException)
            {
                // The client went away; the next one is served.
            }
    }

    /// <summary>Carries out one request.</summary>
    public ControlReply Answer(string line)
    {
        try
        {
            var request = JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
            return request?.Action switch
            {
                "start" => Start(request),
                "stop" => Stop(request),
                _ => new ControlReply(false, $"action is '{request?.Action}', expected start or stop"),
            };
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return new ControlReply(false, exception is JsonException ? $"the request is not JSON: {exception.Message}" : exception.Message);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path.Combine(_node.Directory, ControlSocket.FileName));
    }

    private ControlReply Start(ControlRequest request)
    {
        TimeSpan? lasts = null;
        if (request.Duration is { } text)
        {
            if (!DurationText.TryParse(text, out var parsed)) return new ControlReply(false, $"for is '{text}', expected {DurationText.Expected}");
            lasts = parsed;
        }
        foreach (var gpu in GpusOf(request)) _node.StartIncident(request.Incident ?? "", gpu, lasts, request.Parameters);
        return new ControlReply(true, $"{request.Incident} started on {Names(request)}{(lasts is null ? "" : $" for {request.Duration}")}");
    }

    private ControlReply Stop(ControlRequest request)
    {
        if (request.Incident is { } name && IncidentKind.Find(name) is null)
            return new ControlReply(false, $"incident is '{name}', expected one of {string.Join(", ", IncidentKind.All.Select(known => known.Name))}");
        var stopped = 0;
        foreach (var running in _node.Incidents)
            if ((request.Incident is null || running.Kind.Name == request.Incident) && (request.Gpu is null || running.Gpu.Index == request.Gpu) && _node.StopIncident(running.Kind.Name, running.Gpu.Index))
                stopped++;
        return new ControlReply(true, $"{stopped} incident{(stopped == 1 ? "" : "s")} ended on {Names(request)}");
    }

    private IEnumerable<int> GpusOf(ControlRequest request) => request.Gpu is { } one ? [one] : Enumerable.Range(0, _node.Gpus.Count);

    private static string Names(ControlRequest request) => request.Gpu is { } one ? $"GPU {one}" : "all GPUs";
}
