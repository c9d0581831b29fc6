using System.Security.Cryptography;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Captures.Uploads;
using Xunit;

namespace Monitoring.Tests.Collector.Captures.Uploads;

/// <summary>Whatever order parts, broken links, wrong checksums, wrong offsets and deaths come in, an upload is a beginning of its file, and no byte that was acknowledged is lost.</summary>
public sealed class UploadStateProperties : IDisposable
{
    private const int FileBytes = 5000;

    private static readonly SomeCapture Capture = new(1, FileBytes);
    private static readonly byte[] Whole = Capture.Files["report-0.bin"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("uploads-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void An_upload_is_always_a_beginning_of_its_file() => Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt[]>(), steps =>
    {
        var directory = Path.Combine(folder.FullName, Guid.NewGuid().ToString("N"));
        var run = new Run(directory);
        foreach (var step in steps)
        {
            run.Do(step.Get % 7, step.Get / 7 * 37 % 900);
            run.Check();
        }
        run.Finish();
    }).Check(Fuzzing.Cases(150));

    private sealed class Run
    {
        private readonly string directory;
        private UploadStore store;
        private UploadWriter writer;
        private Upload upload;
        private long acknowledged;

        internal Run(string directory)
        {
            this.directory = directory;
            (store, writer) = Open();
            upload = store.Create(Capture.MetadataOf("report-0.bin", Whole), Capture.MetadataOf("report-0.bin", Whole).Write(), FileBytes);
        }

        internal void Do(int kind, int count)
        {
            var rest = Whole[(int)upload.Offset..];
            var part = rest[..Math.Min(count, rest.Length)];
            switch (kind)
            {
                case 0:
                    Append(part, null).Should().BeNull();
                    break;
                case 1:
                    Append(part, SHA256.HashData(part)).Should().BeNull();
                    break;
                case 2 when part.Length > 0:
                    Append([.. part.Select(static one => (byte)(one ^ 1))], SHA256.HashData(part))!.Status.Should().Be(460);
                    break;
                case 3:
                    Append([.. rest, 0], null)!.Status.Should().Be(413);
                    break;
                case 4: // the link breaks: without a checksum what came is kept, with one nothing
                    var before = upload.Offset;
                    Append(new BreakingStream(part), null)!.Status.Should().Be(400);
                    upload.Offset.Should().Be(before + part.Length);
                    Append(new BreakingStream(part), SHA256.HashData(part))!.Status.Should().Be(400);
                    upload.Offset.Should().Be(before + part.Length);
                    break;
                case 5: // dies while it writes
                    Write(part);
                    Restart();
                    upload.Offset.Should().Be(acknowledged + part.Length);
                    break;
                case 6: // dies while it writes what is not checked, and is wrong
                    store.BeginUnchecked(upload);
                    Write([.. part.Select(static one => (byte)~one)]);
                    Restart();
                    upload.Offset.Should().Be(acknowledged);
                    break;
            }
            acknowledged = upload.Offset;
        }

        internal void Check()
        {
            upload.Offset.Should().BeGreaterThanOrEqualTo(acknowledged).And.BeLessThanOrEqualTo(FileBytes);
            File.ReadAllBytes(upload.DataPath).AsSpan(0, (int)upload.Offset).SequenceEqual(Whole.AsSpan(0, (int)upload.Offset)).Should().BeTrue();
            store.Totals.Should().Be((1, FileBytes, FileBytes - upload.Offset));
        }

        internal void Finish()
        {
            Append(Whole[(int)upload.Offset..], null).Should().BeNull();
            Restart();
            File.ReadAllBytes(upload.DataPath).Should().Equal(Whole);
            store.Remove(upload);
            Directory.GetFiles(directory).Should().BeEmpty();
        }

        private UploadRefusal? Append(byte[] bytes, byte[]? hash) => Append(new MemoryStream(bytes), hash);

        private UploadRefusal? Append(Stream body, byte[]? hash) =>
            writer.AppendAsync(upload, body, hash is null ? null : UploadChecksum.Read("sha256 " + Convert.ToBase64String(hash)), CancellationToken.None).GetAwaiter().GetResult();

        private void Write(byte[] bytes)
        {
            using var handle = File.OpenHandle(upload.DataPath, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(handle, bytes, upload.Offset);
        }

        private void Restart()
        {
            (store, writer) = Open();
            upload = store.Find(upload.Id)!;
        }

        private (UploadStore, UploadWriter) Open()
        {
            var opened = new UploadStore(directory, new CaptureSettings(), TimeProvider.System);
            return (opened, new UploadWriter(opened));
        }
    }

    private sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var count and > 0 ? count : throw new IOException("the link broke");
    }
}
