import eslint from '@eslint/js';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

/**
 * The rooms of lib/, the upper floors first. A file imports from its own room and from floors below it, types included.
 */
const floors = [
  ['cli'],
  ['cli/commands', 'cli/cv'],
  ['cli/fit'],
  ['cli/terminal'],
  ['measure', 'jest', 'reports'],
  ['index'],
  ['model-selection'],
  ['doctor', 'models'],
  ['check'],
  ['training', 'model-files', 'predictions'],
  ['engine'],
  ['devices'],
  ['drivers'],
  ['mpi'],
  ['tables/svmlight'],
  ['metrics'],
  ['addon', 'tables/encoder'],
  ['model'],
  ['tables/columns'],
  ['tables/files'],
  ['rows', 'objective', 'method'],
  ['base'],
];

/** How a file of `room` would name a file of `other`. */
function specifierOf(room, other) {
  if (room.startsWith(`${other}/`)) return String.raw`^\.\./[\w-]+(\.js)?$`;
  if (other === 'index') return String.raw`^(\.\./)+index(\.js)?$`;
  const [folder, within] = other.split('/');
  const name = room.startsWith(`${folder}/`) && within !== undefined ? within : other;
  return String.raw`^\.{1,2}/(\.\./)*${name}(/|\.js$|$)`;
}

function filesOf(room) {
  const parent = floors.flat().some((other) => other.startsWith(`${room}/`));
  return room === 'index' ? 'lib/index.ts' : `lib/${room}/${parent ? '*' : '**/*'}.ts`;
}

const importsRunDown = floors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    files: [filesOf(room)],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: floors
            .slice(0, floor + 1)
            .flat()
            .filter((other) => other !== room)
            .map((other) => ({
              regex: specifierOf(room, other),
              message: `lib/${other} does not stand below lib/${room}: see the floors in eslint.config.mjs.`,
            })),
        },
      ],
    },
  })),
);

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'prebuilds/', 'coverage/', 'node_modules/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...importsRunDown,
  {
    files: ['test/**/*.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
      'jest/no-conditional-expect': 'error',
    },
  },
  // Helpers that declare suites themselves.
  { files: ['test/support/**/*.ts'], rules: { 'jest/no-export': 'off' } },
  {
    files: ['**/*.mjs', '**/*.cjs', '*.js', 'examples/**/*.js'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        require: 'readonly',
        module: 'writable',
        __dirname: 'readonly',
        __filename: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        setImmediate: 'readonly',
        clearTimeout: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  { files: ['**/*.js', '**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
);
