using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>dynolog's port: i32 length and JSON, one request a connection.</summary>
internal sealed class FakeDynolog : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]?> answer;

    /// <param name="answer">Of a request, the bytes to send, length and all; null closes without a word, an empty one says nothing and keeps the connection.</param>
    internal FakeDynolog(Func<string, byte[]?>? answer = null)
    {
        this.answer = answer ?? (static _ => Frame("{}"));
        listener.Start();
        _ = Task.Run(ServeAsync);
    }

    internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    internal List<string> Requests { get; } = [];

    internal static byte[] Frame(string json)
    {
        var bytes = new byte[4 + Encoding.UTF8.GetByteCount(json)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - 4);
        Encoding.UTF8.GetBytes(json, bytes.AsSpan(4));
        return bytes;
    }

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync()
    {
        var kept = new List<TcpClient>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var head = new byte[4];
                var stream = client.GetStream();
                try
                {
                    await stream.ReadExactlyAsync(head);
                }
                catch (Exception fault) when (fault is IOException)
                {
                    client.Dispose();
                    continue;
                }
                var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
                await stream.ReadExactlyAsync(body);
                lock (Requests) Requests.Add(Encoding.UTF8.GetString(body));
                var bytes = answer(Encoding.UTF8.GetString(body));
                if (bytes is { Length: > 0 }) await stream.WriteAsync(bytes);
                if (bytes is { Length: 0 }) kept.Add(client);
                else client.Dispose();
            }
        }
        catch (Exception fault) when (fault is ObjectDisposedException or SocketException or IOException)
        {
            foreach (var client in kept) client.Dispose();
        }
    }
}
