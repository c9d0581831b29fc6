using System.Globalization;
using System.Net.Http.Headers;
using FluentAssertions;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Collector.Captures;

/// <summary>Speaks tus 1.0 to a collector, right or wrong, as the test says.</summary>
internal sealed class TusSender(HttpClient client)
{
    internal Task<HttpResponseMessage> CreateAsync(string? metadata, string? length, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, new Uri(UploadMetadata.Path, UriKind.Relative), null, [.. Some(("Upload-Metadata", metadata), ("Upload-Length", length)), .. headers]);

    internal async Task<Uri> CreateAsync(SomeCapture capture, string name, byte[] bytes)
    {
        using var answer = await CreateAsync(capture.MetadataOf(name, bytes).Write(), Text(bytes.Length));
        ((int)answer.StatusCode).Should().Be(201, await answer.Content.ReadAsStringAsync());
        return new Uri(answer.RequestMessage!.RequestUri!, answer.Headers.Location!);
    }

    internal Task<HttpResponseMessage> PatchAsync(Uri upload, long offset, byte[] bytes, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, upload, bytes, [("Upload-Offset", Text(offset)), .. headers]);

    internal Task<HttpResponseMessage> HeadAsync(Uri upload) => SendAsync(HttpMethod.Head, upload, null);

    internal async Task<long> OffsetAsync(Uri upload)
    {
        using var answer = await HeadAsync(upload);
        ((int)answer.StatusCode).Should().Be(200);
        return long.Parse(answer.Headers.GetValues("Upload-Offset").Single(), CultureInfo.InvariantCulture);
    }

    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri url, byte[]? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        if (!headers.Any(static header => header.Name == "Tus-Resumable")) request.Headers.Add("Tus-Resumable", "1.0.0");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        }
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type") request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else if (value.Length > 0) request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        }
        return await client.SendAsync(request);
    }

    /// <summary>Uploads a whole file.</summary>
    /// <returns>The state that the last answer says; empty for none.</returns>
    internal async Task<string> UploadAsync(SomeCapture capture, string name, byte[] bytes)
    {
        using var begun = await CreateAsync(capture.MetadataOf(name, bytes).Write(), Text(bytes.Length));
        if (StateOf(begun) is { Length: > 0 } state) return state;
        ((int)begun.StatusCode).Should().Be(201, await begun.Content.ReadAsStringAsync());
        using var answer = await PatchAsync(new Uri(begun.RequestMessage!.RequestUri!, begun.Headers.Location!), 0, bytes);
        ((int)answer.StatusCode).Should().Be(204, await answer.Content.ReadAsStringAsync());
        return StateOf(answer);
    }

    /// <summary>Uploads a whole capture.</summary>
    internal async Task UploadAsync(SomeCapture capture)
    {
        foreach (var (name, bytes) in capture.All)
            (await UploadAsync(capture, name, bytes)).Should().Be(name == CaptureManifest.FileName ? UploadMetadata.CaptureDone : UploadMetadata.FileKept);
    }

    internal static string StateOf(HttpResponseMessage answer) => answer.Headers.TryGetValues(UploadMetadata.StateHeader, out var values) ? values.Single() : "";

    internal static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, string Value)> Some(params (string Name, string? Value)[] headers) => headers.Where(static header => header.Value is not null).Select(static header => (header.Name, header.Value!));
}
