using System.IO.Compression;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Collector;
using Monitoring.Collector.Series;
using Monitoring.Settings.Logs;

namespace Monitoring.Tests.Collector;

/// <summary>The real collector on a free port of loopback, and a client for it.</summary>
internal sealed class RunningCollector : IAsyncDisposable
{
    private readonly WebApplication app;

    private RunningCollector(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    internal HttpClient Client { get; }

    internal Uri Address => Client.BaseAddress!;

    internal SeriesStore Store => app.Services.GetRequiredService<SeriesStore>();

    internal T Service<T>() where T : notnull => app.Services.GetRequiredService<T>();

    internal static async Task<RunningCollector> StartAsync(Action<CollectorSettings>? configure = null, TimeProvider? time = null, Action<IServiceCollection>? replace = null)
    {
        var settings = new CollectorSettings { Listen = "127.0.0.1:0", Log = { Level = LogThreshold.None }, Logs = { OwnLevel = LogThreshold.None } };
        settings.Discovery.SettleTime = TimeSpan.Zero;
        configure?.Invoke(settings);
        var app = CollectorApp.Build(settings, time, replace);
        await app.StartAsync();
        return new RunningCollector(app);
    }

    internal Task<HttpResponseMessage> PushAsync(byte[] body, string? contentType = "application/x-protobuf", string? encoding = null) => PostAsync("/v1/metrics", body, contentType, encoding);

    internal Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? contentType, string? encoding)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        return Client.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    internal Task<string> GetAsync(string path) => Client.GetStringAsync(new Uri(path, UriKind.Relative));

    internal Task<HttpResponseMessage> AskAsync(string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request);
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
