using System.Net.Sockets;
using System.Text.Json;

namespace Monitoring.Simulator.Control;

/// <summary>Sends one request to the node that runs in a directory.</summary>
internal static class ControlClient
{
    /// <exception cref="ControlException">No node runs there.</exception>
    public static async Task<ControlReply> SendAsync(string directory, ControlRequest request, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(ControlSocket.EndPoint(directory), cancellation).ConfigureAwait(false);
            await ControlSocket.WriteLineAsync(socket, JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest), cancellation).ConfigureAwait(false);
            var line = await ControlSocket.ReadLineAsync(socket, cancellation).ConfigureAwait(false);
            return line is null ? throw new ControlException($"the node in '{directory}' ended before it answered") : JsonSerializer.Deserialize(line, ControlJson.Default.ControlReply) ?? throw new ControlException("the node answered nothing");
        }
        catch (SocketException exception)
        {
            throw new ControlException($"no simulated node runs in '{directory}' ({exception.SocketErrorCode}): start one with gpu-simulator run --directory {directory} --profile h100 --gpus 8");
        }
    }
}
